# Trains the small CLIFF that ships on rendered people, whose surface is known too; from nothing, or --checkpoint to go on.
_base_ = ['../_base_/cliff_res18_parts.py', '../_base_/human_mesh_runtime.py', '../_base_/human_mesh_synthetic.py']
model = dict(
    loss=dict(type='RenderedHumanLoss'),
    early_weight=0.5,
    auxiliary_losses=[
        dict(type='PartLoss', part_channels=64, vector_channels=3120),
        dict(type='SurfaceLoss', channels=(128, 48)),
    ])
train_dataloader = dict(
    dataset=dict(pipeline=[
        dict(type='LoadHumanImage'),
        dict(type='LoadSurface'),
        dict(type='RandomFrameFlip'),
        dict(type='RandomFrameRotate', angle=20., prob=0.3),
        dict(type='RandomBoxScale', scale=0.25, shift=0.05),
        dict(type='FullFrameCrop', output_size=(96, 128)),
        dict(type='ColorNoise', strength=0.3),
        dict(type='PasteOccluder', prob=0.3),
        dict(type='PackHumanInputs'),
    ]))
optim_wrapper = dict(optimizer=dict(lr=1e-3, weight_decay=0.02), clip_grad=dict(max_norm=10.))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, begin=0, end=100, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=0.01, begin=0, end=30, by_epoch=True, convert_to_iter_based=True),
]
custom_hooks = [*_base_.custom_hooks, dict(type='EMAHook', momentum=0.002, update_buffers=True)]
visualizer = dict(body_model=dict(_delete_=True, type='SMPLBody'))
