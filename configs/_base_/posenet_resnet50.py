# PoseNet with ResNet-50, trained on patches of 3D and of 2D data, half and half. An epoch here sees each 3D person every
# second time on average, one of 3DMPPE's every time, so there are twice as many.
_base_ = ['./patch_runtime.py']
model = dict(
    type='PoseNet',
    skeleton='h36m18',
    depth_range=2.,  # metres
    flip_test=True,
    # The official checkpoints want pixels of 0 to 255 that are not divided by 255: values of about -2 to 1120 go in.
    data_preprocessor=dict(
        type='mmengine.ImgDataPreprocessor', mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225], bgr_to_rgb=True),
    backbone=dict(
        type='mmdet.ResNet',
        depth=50,
        out_indices=(3, ),
        norm_eval=False,
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50')),
    head=dict(type='PoseNetHead', num_joints=18, in_channels=2048, deconv_channels=(256, 256, 256), depth_bins=64),
    loss=dict(type='DepthAwareL1Loss'))
train_pipeline = [
    dict(type='LoadHumanImage'),
    dict(type='NoiseRectangle', prob=0.5),
    dict(type='RandomPatchMove', scale=0.25, angle=30., angle_prob=0.6, flip_prob=0.5),
    dict(type='CropPatch', output_size=(256, 256), depth_range=2.),
    dict(type='ColorNoise', strength=0.2),
    dict(type='PackPatchInputs'),
]
val_pipeline = [
    dict(type='LoadHumanImage'),
    dict(type='CropPatch', output_size=(256, 256), depth_range=2.),
    dict(type='PackPatchInputs'),
]
test_pipeline = [  # of a detected box in a video
    dict(type='BoxToPatch'),
    dict(type='CropPatch', output_size=(256, 256)),
    dict(type='PackPatchInputs'),
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=50, val_interval=10)
param_scheduler = [dict(type='MultiStepLR', milestones=[34, 42], gamma=0.1)]
