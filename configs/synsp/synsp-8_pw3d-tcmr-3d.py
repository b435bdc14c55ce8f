# SynSP, 8 frames, trained and tested on 3DPW tcmr 3D.
_base_ = ['../_base_/synsp.py']
model = dict(window_size=8, in_channels=42)
train_dataloader = dict(dataset=dict(window_size=8, layout=dict(dataset='pw3d', estimator='tcmr', representation='3D')))
test_dataloader = dict(dataset=dict(layout=dict(dataset='pw3d', estimator='tcmr', representation='3D')))
val_dataloader = test_dataloader
test_evaluator = dict(type='Keypoints3DMetric')
val_evaluator = test_evaluator
