# RootNet with ResNet-50, trained on patches of 3D and of 2D data, half and half. As for PoseNet, there are twice as many
# epochs as 3DMPPE has.
_base_ = ['./patch_runtime.py']
model = dict(
    type='RootNet',
    real_size=2.,  # metres
    # The official checkpoints want pixels of 0 to 255 that are not divided by 255: values of about -2 to 1120 go in.
    data_preprocessor=dict(
        type='mmengine.ImgDataPreprocessor', mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225], bgr_to_rgb=True),
    backbone=dict(
        type='mmdet.ResNet',
        depth=50,
        out_indices=(3, ),
        norm_eval=False,
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50')),
    head=dict(type='RootNetHead', in_channels=2048, deconv_channels=(256, 256, 256)),
    loss=dict(type='DepthAwareL1Loss'))
train_pipeline = [
    dict(type='LoadHumanImage'),
    dict(type='RandomPatchMove', scale=0., angle=30., angle_prob=0.6, flip_prob=0.5),  # scaling would change the depth
    dict(type='CropPatch', output_size=(256, 256)),
    dict(type='ColorNoise', strength=0.2),
    dict(type='PackPatchInputs'),
]
val_pipeline = [
    dict(type='LoadHumanImage'),
    dict(type='CropPatch', output_size=(256, 256)),
    dict(type='PackPatchInputs'),
]
test_pipeline = [  # of a detected box in a video
    dict(type='BoxToPatch'),
    dict(type='CropPatch', output_size=(256, 256)),
    dict(type='PackPatchInputs'),
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=40, val_interval=10)
param_scheduler = [dict(type='MultiStepLR', milestones=[34], gamma=0.1)]
