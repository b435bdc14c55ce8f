# Refiners for SMPL bodies or joints of any estimator, trained on clean motion that EstimatorNoise spoils. The files are flat
# arrays of mocap (projects/synthetic_humans/README.md); frames are as in HumanTrack: camera with y down.
data_root = 'data/mocap/'
default_scope = 'cliff_ext'
custom_imports = dict(imports=['cliff_ext.models', 'cliff_ext.datasets.transforms', 'cliff_ext.tracks'])
randomness = dict(seed=0)
log_processor = dict(window_size=50)
custom_hooks = [dict(type='EpochSeedHook'), dict(type='EMAHook', momentum=0.01)]
default_hooks = dict(logger=dict(type='LoggerHook', interval=50), checkpoint=dict(type='CheckpointHook', max_keep_ckpts=2))
optim_wrapper = dict(
    type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-3, amsgrad=True), clip_grad=dict(max_norm=1.))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=3, val_interval=3)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, begin=0, end=50, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=0.01, begin=0, end=3, by_epoch=True, convert_to_iter_based=True),
]
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')

train_dataloader = dict(
    batch_size=32,
    num_workers=1,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='default_collate'),
    dataset=dict(
        type='PoseSequenceDataset',
        window_size=8,
        step=2,
        layout=dict(type='FlatLayout', file=data_root + 'train.npz', representation='3D'),
        pipeline=[
            dict(type='VaryMotion', turn='heading', tilt=15., scale=(0.85, 1.15)),
            dict(type='EstimatorNoise', jitter=0.006, drift=0.018, burst=0.08, strength=(0.35, 2.8)),
            dict(type='RootRelative'),
            dict(type='PackPoseWindow'),
        ]))
test_dataloader = dict(
    batch_size=1,  # whole sequences, refined window by window
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='PoseSequenceDataset',
        layout=dict(type='FlatLayout', file=data_root + 'test.npz', representation='3D'),
        pipeline=[
            dict(type='EstimatorNoise', jitter=0.006, drift=0.018, burst=0.08, seed=0),
            dict(type='RootRelative'),
            dict(type='PackPoseWindow'),
        ]))
val_dataloader = test_dataloader
test_evaluator = dict(type='Keypoints3DMetric', filters=[dict(type='Gaussian1D', sigma=2)])
val_evaluator = test_evaluator
