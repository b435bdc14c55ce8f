# mmpose's TopdownPoseEstimator with PoseNet's head and codec: 3D joints from 3D heat maps, trained on the demo clip. A clip
# of four seconds is no data set: this shows how the parts fit, not what PoseNet can do.
_base_ = ['mmpose::_base_/default_runtime.py']
default_scope = 'mmpose'
custom_imports = dict(imports=['cliff_ext'])

codec = dict(type='cliff_ext.SoftArgmax3DLabel', input_size=(128, 128), heatmap_size=(32, 32, 32), depth_range=2.)
model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], bgr_to_rgb=True),
    backbone=dict(type='ResNet', depth=18),
    head=dict(
        type='cliff_ext.TopdownPoseNetHead',
        num_joints=17,
        in_channels=512,
        deconv_channels=(64, 64, 64),
        depth_bins=32,
        decoder=codec),
    test_cfg=dict(flip_test=True))

dataset_type = 'CocoDataset'
data_mode = 'topdown'
data_root = 'data/demo_clip/'
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='cliff_ext.LoadJointDepths'),
    dict(type='GetBBoxCenterScale'),
    dict(type='RandomFlip'),
    dict(type='RandomBBoxTransform', rotate_factor=30.),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=codec['input_size']),
    dict(type='PackPoseInputs'),
]
train_dataloader = dict(
    batch_size=16,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_mode=data_mode,
        ann_file='annotations.json',
        data_prefix=dict(img='frames/'),
        pipeline=train_pipeline))
test_dataloader = dict(
    batch_size=16,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_mode=data_mode,
        ann_file='annotations.json',
        data_prefix=dict(img='frames/'),
        test_mode=True,
        pipeline=test_pipeline))
optim_wrapper = dict(optimizer=dict(type='AdamW', lr=1e-3))
train_cfg = dict(by_epoch=True, max_epochs=5)
val_cfg = None
test_cfg = dict()
test_evaluator = [dict(type='EPE'), dict(type='PCKAccuracy', thr=0.05)]
