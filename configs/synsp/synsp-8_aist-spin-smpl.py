# SynSP, 8 frames, trained and tested on AIST++ spin smpl.
_base_ = ['../_base_/synsp.py']
model = dict(window_size=8, in_channels=144, embed_dims=256, loss=dict(acceleration_weight=1.))
train_dataloader = dict(dataset=dict(window_size=8, layout=dict(dataset='aist', estimator='spin', representation='smpl')))
test_dataloader = dict(dataset=dict(layout=dict(dataset='aist', estimator='spin', representation='smpl')))
val_dataloader = test_dataloader
test_evaluator = dict(type='SMPLSequenceMetric')
val_evaluator = test_evaluator
