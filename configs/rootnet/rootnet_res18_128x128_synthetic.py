# The small RootNet, trained on rendered people (projects/synthetic_humans, whose to_human_data.py makes the npz);
# projects/synthetic_humans/train_posenet.py trains it in a given time. Its backbone starts as the small PoseNet's does.
_base_ = ['../_base_/rootnet_resnet50.py', '../_base_/patches_synthetic.py']
model = dict(
    data_preprocessor=dict(mean=[127., 127., 127.], std=[128., 128., 128.]),
    backbone=dict(
        _delete_=True,
        type='mmdet.ResNet',
        depth=18,
        base_channels=48,
        num_stages=3,
        strides=(1, 2, 2),
        dilations=(1, 1, 1),
        out_indices=(2, ),
        frozen_stages=1,
        norm_eval=False,
        init_cfg=dict(
            type='Pretrained', checkpoint='{{ fileDirname }}/../../cliff_ext/zoo/demo_cliff.pth', prefix='backbone.')),
    head=dict(
        in_channels=192,
        deconv_channels=(64, ),
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
    dataset=dict(
        pipeline=[
            dict(type='LoadHumanImage'),
            dict(type='RandomBoxScale', scale=0.1, shift=0.05),  # as detectors are off
            dict(type='RandomPatchMove', scale=0., angle=30., angle_prob=0.6, flip_prob=0.5),
            dict(type='CropPatch', output_size=(128, 128)),
            dict(type='ColorNoise', strength=0.3),
            dict(type='PasteOccluder', prob=0.3),
            dict(type='PackPatchInputs'),
        ]))
test_evaluator = dict(type='RootMetric')
val_evaluator = test_evaluator
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(_delete_=True, type='AdamW', lr=1e-3))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=10, val_interval=1)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, begin=0, end=200, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=0.01, begin=0, end=10, by_epoch=True, convert_to_iter_based=True),
]
