# SmoothNet, 32 frames, trained on AIST++ vibe 3D, tested on AIST++ vibe smpl.
_base_ = ['../_base_/smoothnet.py']
model = dict(window_size=32)
train_dataloader = dict(dataset=dict(window_size=32, layout=dict(dataset='aist', estimator='vibe', representation='3D')))
test_dataloader = dict(dataset=dict(layout=dict(dataset='aist', estimator='vibe', representation='smpl')))
val_dataloader = test_dataloader
test_evaluator = dict(type='SMPLSequenceMetric')
val_evaluator = test_evaluator
