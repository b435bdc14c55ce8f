# SynSP, 8 frames, trained and tested on Human3.6M rle 2D.
_base_ = ['../_base_/synsp.py']
model = dict(window_size=8, in_channels=34)
train_dataloader = dict(dataset=dict(window_size=8, layout=dict(dataset='h36m', estimator='rle', representation='2D')))
test_dataloader = dict(dataset=dict(layout=dict(dataset='h36m', estimator='rle', representation='2D')))
val_dataloader = test_dataloader
test_evaluator = dict(type='Keypoints2DMetric')
val_evaluator = test_evaluator
