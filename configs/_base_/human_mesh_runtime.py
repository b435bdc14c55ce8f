# What trainings and tests of human mesh estimators share.
default_scope = 'cliff_ext'
custom_imports = dict(imports=[
    'cliff_ext.models', 'cliff_ext.datasets.transforms', 'cliff_ext.evaluation.metrics', 'cliff_ext.engine',
    'cliff_ext.visualization', 'mmdet.models'
])
randomness = dict(seed=0)
env_cfg = dict(cudnn_benchmark=True)
log_processor = dict(window_size=50)
custom_hooks = [
    dict(type='EpochSeedHook'),
    dict(type='NonFiniteLossHook'),
    dict(type='MeshVisualizationHook', interval=50),
]
default_hooks = dict(
    logger=dict(type='LoggerHook', interval=50),
    checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=2, save_best='auto', rule='less'))
visualizer = dict(
    type='HumanMeshVisualizer',
    body_model=dict(type='SMPLBody', model_path='data/smpl', extra_regressor='data/J_regressor_extra.npy'),
    vis_backends=[dict(type='LocalVisBackend')])
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
