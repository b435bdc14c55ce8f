# The small PoseNet for 17 joints, trained on rendered people (projects/synthetic_humans, whose to_human_data.py makes the npz),
# tested at true roots; projects/synthetic_humans/train_posenet.py trains it in a given time. Its backbone and neck start as those
# of the small CLIFF, which ships and was trained on rendered people from nothing, but for the last stage.
_base_ = ['../_base_/posenet_resnet50.py', '../_base_/patches_synthetic.py']
model = dict(
    skeleton='h36m17',
    flip_test=False,
    data_preprocessor=dict(mean=[127., 127., 127.], std=[128., 128., 128.]),
    backbone=dict(
        _delete_=True,
        type='mmdet.ResNet',
        depth=18,
        base_channels=48,
        num_stages=3,
        strides=(1, 2, 2),
        dilations=(1, 1, 1),
        out_indices=(1, 2),
        frozen_stages=1,
        norm_eval=False,
        init_cfg=dict(
            type='Pretrained', checkpoint='{{ fileDirname }}/../../cliff_ext/zoo/demo_cliff.pth', prefix='backbone.')),
    neck=dict(
        type='TopDown',
        in_channels=(96, 192),
        init_cfg=dict(type='Pretrained', checkpoint='{{ fileDirname }}/../../cliff_ext/zoo/demo_cliff.pth', prefix='neck.')),
    head=dict(
        num_joints=17,
        in_channels=128,
        deconv_channels=(),
        depth_bins=16,
        init_cfg=dict(type='Normal', layer='Conv2d', std=0.01)))
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
            dict(type='RandomPatchMove', scale=0.15, angle=30., angle_prob=0.6, flip_prob=0.5),
            dict(type='CropPatch', output_size=(128, 128)),
            dict(type='ColorNoise', strength=0.3),
            dict(type='PasteOccluder', prob=0.3),
            dict(type='PackPatchInputs'),
        ]))
test_evaluator = dict(type='Human36MPoseMetric', protocol=2)  # mpjpe, seen from the root
val_evaluator = test_evaluator
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(_delete_=True, type='AdamW', lr=1e-3))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=10, val_interval=1)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, begin=0, end=200, by_epoch=False),
    dict(type='CosineAnnealingLR', eta_min_ratio=0.01, begin=0, end=10, by_epoch=True, convert_to_iter_based=True),
]
