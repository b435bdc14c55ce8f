# Training and testing of pose refiners, as SmoothNet and SynSP were published: Adam with amsgrad, x 0.95 an epoch, 70 epochs.
default_scope = 'cliff_ext'
custom_imports = dict(imports=['cliff_ext.models', 'cliff_ext.datasets.transforms', 'cliff_ext.tracks'])
randomness = dict(seed=4321)
env_cfg = dict(cudnn_benchmark=True)
log_processor = dict(window_size=50)
custom_hooks = [dict(type='EpochSeedHook')]
default_hooks = dict(
    logger=dict(type='LoggerHook', interval=50),
    checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=2, save_best='refined/mpjpe', rule='less'))
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-3, amsgrad=True))
param_scheduler = [dict(type='ExponentialLR', gamma=0.95, by_epoch=True)]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=70, val_interval=5)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')

train_dataloader = dict(
    batch_size=1024,
    num_workers=4,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='default_collate'),
    dataset=dict(
        type='PoseSequenceDataset',
        window_size=32,
        layout=dict(type='SmoothNetLayout', split='train'),
        pipeline=[dict(type='PackPoseWindow')]))
test_dataloader = dict(
    batch_size=1,  # whole sequences, refined window by window
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='PoseSequenceDataset',
        layout=dict(type='SmoothNetLayout', split='test'),
        pipeline=[dict(type='PackPoseWindow')]))
val_dataloader = test_dataloader
test_evaluator = dict(
    type='Keypoints3DMetric',
    filters=[
        dict(type='SavitzkyGolay', window=31, order=2),
        dict(type='Gaussian1D', sigma=3),
        dict(type='OneEuro', min_cutoff=0.04, beta=0.7),
    ])
val_evaluator = test_evaluator
