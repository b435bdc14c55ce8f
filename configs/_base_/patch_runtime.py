# What PoseNet's and RootNet's trainings share. Published on 4 GPUs with 32 patches each.
default_scope = 'cliff_ext'
custom_imports = dict(imports=['cliff_ext.models', 'cliff_ext.datasets.transforms', 'mmdet.models'])
randomness = dict(seed=0)
env_cfg = dict(cudnn_benchmark=True)
log_processor = dict(window_size=50)
custom_hooks = [dict(type='EpochSeedHook')]
default_hooks = dict(
    logger=dict(type='LoggerHook', interval=50), checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=2))
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-3))
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
