# The small PoseNet for 17 joints, trained on rendered people (projects/synthetic_humans, whose to_human_data.py makes the npz),
# tested at true roots; projects/synthetic_humans/train_posenet.py trains it in a given time. Its backbone and neck start as those
# of the small RootNet, which ships and has learned to find joints; both look at the same crops.
_base_ = ['../_base_/posenet_resnet50.py', '../_base_/patches_synthetic.py']
model = dict(
    skeleton='h36m17',
    exact_flip=True,
    data_preprocessor=dict(mean=[127., 127., 127.], std=[128., 128., 128.]),
    backbone=dict(
        _base_.small_backbone,
        _delete_=True,
        out_indices=(1, 2),
        init_cfg=dict(
            type='Pretrained', checkpoint='{{ fileDirname }}/../../cliff_ext/zoo/demo_rootnet.pth', prefix='backbone.')),
    neck=dict(
        type='RelatedTopDown',
        in_channels=(96, 192),
        map_size=(12, 16),
        init_cfg=dict(type='Pretrained', checkpoint='{{ fileDirname }}/../../cliff_ext/zoo/demo_rootnet.pth', prefix='neck.')),
    head=dict(
        num_joints=17,
        in_channels=128,
        deconv_channels=(),
        depth_bins=16,
        init_cfg=dict(type='Normal', layer='Conv2d', std=0.01)))
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
            dict(type='RandomPatchMove', scale=0.15, angle=30., angle_prob=0.6, flip_prob=0.5),
            dict(type='CropPatch', output_size=(96, 128)),
            dict(type='ColorNoise', strength=0.3),
            dict(type='PasteOccluder', prob=0.3),
            dict(type='PackPatchInputs'),
        ]))
test_evaluator = dict(type='Human36MPoseMetric', protocol=2)  # mpjpe, seen from the root
val_evaluator = test_evaluator
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(_delete_=True, type='AdamW', lr=1e-3))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=10, val_interval=1)
param_scheduler = _base_.small_schedule
