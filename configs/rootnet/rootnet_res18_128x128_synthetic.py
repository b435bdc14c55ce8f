# The small RootNet, trained from nothing on rendered people (projects/synthetic_humans, whose to_human_data.py makes the
# npz); projects/synthetic_humans/train_posenet.py trains it in a given time.
_base_ = ['../_base_/rootnet_resnet50.py']
model = dict(
    data_preprocessor=dict(mean=[127., 127., 127.], std=[128., 128., 128.]),
    backbone=dict(_delete_=True, type='mmdet.ResNet', depth=18, base_channels=32, out_indices=(3, ), norm_eval=False),
    head=dict(
        in_channels=256,
        deconv_channels=(64, 64, 64),
        init_cfg=[
            dict(
                type='Normal',
                layer=['Conv2d', 'ConvTranspose2d'],
                std=0.001,
                override=dict(type='Normal', name='depth_layer', std=0.001, bias=1.)),  # starts with the box's word
            dict(type='Constant', layer='BatchNorm2d', val=1),
        ]))
test_pipeline = [
    dict(type='BoxToPatch'),
    dict(type='CropPatch', output_size=(128, 128)),
    dict(type='PackPatchInputs'),
]
train_dataloader = dict(
    batch_size=32,
    num_workers=1,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='AbsolutePoseDataset',
        layout=dict(
            type='HumanDataPoseLayout', file='data/synthetic_humans/train.npz', image_root='data/synthetic_humans/train'),
        pipeline=[
            dict(type='LoadHumanImage'),
            dict(type='RandomBoxScale', scale=0.1, shift=0.05),  # as detectors are off
            dict(type='RandomPatchMove', scale=0., angle=30., angle_prob=0.6, flip_prob=0.5),
            dict(type='CropPatch', output_size=(128, 128)),
            dict(type='ColorNoise', strength=0.3),
            dict(type='PasteOccluder', prob=0.3),
            dict(type='PackPatchInputs'),
        ]))
test_dataloader = dict(
    batch_size=32,
    num_workers=1,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='AbsolutePoseDataset',
        layout=dict(
            type='HumanDataPoseLayout', file='data/synthetic_humans/test.npz', image_root='data/synthetic_humans/test'),
        pipeline=[
            dict(type='LoadHumanImage'),
            dict(type='CropPatch', output_size=(128, 128)),
            dict(type='PackPatchInputs'),
        ]))
val_dataloader = test_dataloader
test_evaluator = dict(type='RootMetric')
val_evaluator = test_evaluator
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(_delete_=True, type='AdamW', lr=1e-3))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=10, val_interval=1)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, begin=0, end=200, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=0.01, begin=0, end=10, by_epoch=True, convert_to_iter_based=True),
]
