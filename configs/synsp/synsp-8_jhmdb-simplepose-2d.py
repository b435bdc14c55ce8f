# SynSP, 8 frames, trained and tested on Sub-JHMDB simplepose 2D.
_base_ = ['../_base_/synsp.py']
model = dict(window_size=8, in_channels=30)
train_dataloader = dict(dataset=dict(window_size=8, layout=dict(dataset='jhmdb', estimator='simplepose', representation='2D')))
test_dataloader = dict(dataset=dict(layout=dict(dataset='jhmdb', estimator='simplepose', representation='2D')))
val_dataloader = test_dataloader
test_evaluator = dict(type='Keypoints2DMetric')
val_evaluator = test_evaluator
