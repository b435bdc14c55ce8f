# Rendered people of projects/synthetic_humans (its to_human_data.py makes the npz), the open body, nothing to download.
# ``action`` tells people at the frame's border from those in the middle.
train_dataloader = dict(
    batch_size=64,
    num_workers=2,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='cliff_ext.collate_samples'),
    dataset=dict(
        type='HumanMeshDataset',
        layout=dict(type='HumanDataLayout', file='data/synthetic_humans/train.npz'),
        image_root='data/synthetic_humans/train',
        body_model=dict(type='SMPLBody'),
        pipeline=[
            dict(type='LoadHumanImage'),
            dict(type='RandomFrameFlip'),
            dict(type='RandomFrameRotate', angle=30., prob=0.4),
            dict(type='RandomBoxScale', scale=0.25, shift=0.05),
            dict(type='FullFrameCrop', output_size=(96, 128)),
            dict(type='ColorNoise', strength=0.3),
            dict(type='PasteOccluder', prob=0.3),
            dict(type='PackHumanInputs'),
        ]))
test_dataloader = dict(
    batch_size=64,
    num_workers=2,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='HumanMeshDataset',
        layout=dict(type='HumanDataLayout', file='data/synthetic_humans/test.npz'),
        image_root='data/synthetic_humans/test',
        test_mode=True,
        pipeline=[
            dict(type='LoadHumanImage'),
            dict(type='FullFrameCrop', output_size=(96, 128)),
            dict(type='PackHumanInputs'),
        ]))
val_dataloader = test_dataloader
test_evaluator = dict(
    type='HumanMeshMetric', measures=('mpjpe', 'pa_mpjpe', 'pve', 'orientation'), joints='smpl24', groups=('action', ))
val_evaluator = test_evaluator
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=5e-4), clip_grad=dict(max_norm=300.))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=30, val_interval=1)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, begin=0, end=200, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=0.01, begin=0, end=30, by_epoch=True, convert_to_iter_based=True),
]
auto_scale_lr = dict(base_batch_size=64)
