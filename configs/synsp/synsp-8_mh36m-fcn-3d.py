# SynSP, 8 frames, trained and tested on Human3.6M fcn 3D, 4 views at once.
_base_ = ['../_base_/synsp.py']
model = dict(window_size=8, in_channels=51, loss=dict(acceleration_weight=1.))
train_dataloader = dict(dataset=dict(window_size=8, layout=dict(type='MultiViewLayout', views=4, dataset='h36m', estimator='fcn', representation='3D')))
test_dataloader = dict(dataset=dict(layout=dict(type='MultiViewLayout', views=4, dataset='h36m', estimator='fcn', representation='3D')))
val_dataloader = test_dataloader
test_evaluator = dict(type='Keypoints3DMetric')
val_evaluator = test_evaluator
