# SynSP, 8 frames, trained and tested on 3DPW tcmr smpl.
_base_ = ['../_base_/synsp.py']
model = dict(window_size=8, in_channels=144, embed_dims=256, loss=dict(acceleration_weight=1.))
train_dataloader = dict(dataset=dict(window_size=8, layout=dict(dataset='pw3d', estimator='tcmr', representation='smpl')))
test_dataloader = dict(dataset=dict(layout=dict(dataset='pw3d', estimator='tcmr', representation='smpl')))
val_dataloader = test_dataloader
test_evaluator = dict(type='SMPLSequenceMetric')
val_evaluator = test_evaluator
