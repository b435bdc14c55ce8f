# SmoothNet, 8 frames, trained on AIST++ vibe and 3DPW spin in equal parts, tested on 3DPW spin 3D.
_base_ = ['../_base_/smoothnet.py']
model = dict(window_size=8)
train_dataloader = dict(
    sampler=dict(_delete_=True, type='BalancedBatchOrder', batch_size=1024),
    dataset=dict(
        _delete_=True,
        type='MixedPoseDataset',
        datasets=[
            dict(
                type='PoseSequenceDataset',
                window_size=8,
                layout=dict(type='SmoothNetLayout', dataset='aist', estimator='vibe', representation='3D', split='train'),
                pipeline=[dict(type='PackPoseWindow')]),
            dict(
                type='PoseSequenceDataset',
                window_size=8,
                layout=dict(type='SmoothNetLayout', dataset='pw3d', estimator='spin', representation='3D', split='train'),
                pipeline=[dict(type='PackPoseWindow')]),
        ]))
test_dataloader = dict(dataset=dict(layout=dict(dataset='pw3d', estimator='spin', representation='3D')))
val_dataloader = test_dataloader
