# SmoothNet, 8 frames, trained on the same, tested on AIST++ vibe 3D.
_base_ = ['../_base_/smoothnet.py']
model = dict(window_size=8)
train_dataloader = dict(dataset=dict(window_size=8, layout=dict(dataset='aist', estimator='vibe', representation='3D')))
test_dataloader = dict(dataset=dict(layout=dict(dataset='aist', estimator='vibe', representation='3D')))
val_dataloader = test_dataloader
test_evaluator = dict(type='Keypoints3DMetric')
val_evaluator = test_evaluator
