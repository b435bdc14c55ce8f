# SmoothNet, 64 frames, trained on the same, tested on Human3.6M fcn 3D.
_base_ = ['../_base_/smoothnet.py']
model = dict(window_size=64)
train_dataloader = dict(dataset=dict(window_size=64, layout=dict(dataset='h36m', estimator='fcn', representation='3D')))
test_dataloader = dict(dataset=dict(layout=dict(dataset='h36m', estimator='fcn', representation='3D')))
val_dataloader = test_dataloader
test_evaluator = dict(type='Keypoints3DMetric')
val_evaluator = test_evaluator
