# Rendered people (projects/synthetic_humans, whose to_human_data.py makes the npz) for the small PoseNet and RootNet, in CLIFF's
# crops. True boxes and roots. The networks' configs add the training's pipeline, and take from here the backbone, which is the small
# CLIFF's but for its last stage, and the schedule.
small_backbone = dict(
    type='mmdet.ResNet',
    depth=18,
    base_channels=48,
    num_stages=3,
    strides=(1, 2, 2),
    dilations=(1, 1, 1),
    frozen_stages=1,
    norm_eval=False)
small_schedule = [
    dict(type='LinearLR', start_factor=0.05, begin=0, end=200, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=0.01, begin=0, end=10, by_epoch=True, convert_to_iter_based=True),
]
train_dataloader = dict(
    batch_size=32,
    num_workers=1,
    persistent_workers=True,
    drop_last=True,
    collate_fn=dict(type='cliff_ext.collate_samples'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='AbsolutePoseDataset',
        padding=1.1,
        aspect_ratio=0.75,
        layout=dict(
            type='HumanDataPoseLayout', file='data/synthetic_humans/train.npz', image_root='data/synthetic_humans/train')))
test_dataloader = dict(
    batch_size=32,
    num_workers=1,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='AbsolutePoseDataset',
        padding=1.1,
        aspect_ratio=0.75,
        layout=dict(
            type='HumanDataPoseLayout', file='data/synthetic_humans/test.npz', image_root='data/synthetic_humans/test'),
        pipeline=[
            dict(type='LoadHumanImage'),
            dict(type='CropPatch', output_size=(96, 128)),
            dict(type='PackPatchInputs'),
        ]))
val_dataloader = test_dataloader
