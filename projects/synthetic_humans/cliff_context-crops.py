# Trains the small CLIFF on, from context crops instead of whole pictures, which two CPU cores read three times faster.
# The head learns along, but its loss stays out of what comes before it: to the backbone that is noise which drowns all
# else (README.md). PYTHONPATH=projects/synthetic_humans, and --checkpoint to start from.
_base_ = ['../../configs/cliff/cliff_res18-parts_1xb64-30e_synthetic-128x96.py']
custom_imports = dict(imports=[*_base_.custom_imports.imports, 'crop_dataset'])
model = dict(
    backbone=dict(frozen_stages=0),
    detach_head=True,
    auxiliary_losses=[
        dict(type='PartLoss', part_channels=64, vector_channels=3120),
        dict(type='SurfaceLoss', channels=(128, 48), weight=2.),
    ])
train_dataloader = dict(
    num_workers=1,
    dataset=dict(
        _delete_=True, type='ContextCropDataset', surface=True,
        folders=['data/synthetic_humans/train_b', 'data/synthetic_humans/train_c', 'data/synthetic_humans/train_d']))
optim_wrapper = dict(optimizer=dict(lr=2e-3, fused=True))
train_cfg = dict(max_epochs=7)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.02, begin=0, end=200, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=0.01, begin=4, end=7, by_epoch=True, convert_to_iter_based=True),
]
custom_hooks = [*_base_.custom_hooks, dict(type='ChannelsLastHook')]
