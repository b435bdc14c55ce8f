# SmoothNet, 8 frames, trained on the same, tested on 3DPW spin 3D.
_base_ = ['../_base_/smoothnet.py']
model = dict(window_size=8)
train_dataloader = dict(dataset=dict(window_size=8, layout=dict(dataset='pw3d', estimator='spin', representation='3D')))
test_dataloader = dict(dataset=dict(layout=dict(dataset='pw3d', estimator='spin', representation='3D')))
val_dataloader = test_dataloader
test_evaluator = dict(type='Keypoints3DMetric')
val_evaluator = test_evaluator
