# The small RootNet, trained on rendered people (projects/synthetic_humans, whose train_rootnet.py trains it in a given time; by
# this config it learns from pictures, as the large ones do). It looks at CLIFF's crops and starts from what the small CLIFF that
# ships has learned, but for the backbone's last stage.
_base_ = ['../_base_/rootnet_resnet50.py', '../_base_/patches_synthetic.py']
model = dict(
    flip_test=True,
    data_preprocessor=dict(mean=[127., 127., 127.], std=[128., 128., 128.]),
    backbone=dict(
        _base_.small_backbone,
        _delete_=True,
        out_indices=(0, 1, 2),
        init_cfg=dict(
            type='Pretrained', checkpoint='{{ fileDirname }}/../../cliff_ext/zoo/demo_cliff.pth', prefix='backbone.')),
    neck=dict(
        type='PartAttention',
        in_channels=(48, 96, 192),
        map_size=(24, 32),
        relations=4,
        init_cfg=dict(type='Pretrained', checkpoint='{{ fileDirname }}/../../cliff_ext/zoo/demo_cliff.pth', prefix='neck.')),
    head=dict(_delete_=True, type='PartRootHead', in_channels=2928, map_size=(24, 32)))
test_pipeline = [
    dict(type='BoxToPatch', padding=1.1, aspect_ratio=0.75),
    dict(type='CropPatch', output_size=(96, 128)),
    dict(type='PackPatchInputs'),
]
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='LoadHumanImage'),
            dict(type='RandomBoxScale', scale=0.1, shift=0.05),  # as detectors are off
            dict(type='RandomPatchMove', scale=0., angle=30., angle_prob=0.6, flip_prob=0.5),
            dict(type='CropPatch', output_size=(96, 128)),
            dict(type='ColorNoise', strength=0.3),
            dict(type='PasteOccluder', prob=0.3),
            dict(type='PackPatchInputs'),
        ]))
test_evaluator = dict(type='RootMetric')
val_evaluator = test_evaluator
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(_delete_=True, type='AdamW', lr=1e-3))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=10, val_interval=1)
param_scheduler = _base_.small_schedule
