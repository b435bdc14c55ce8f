# A pose estimator of mmpose that is the small CLIFF, judged on the demo clip by mmpose's metrics after refinement.
_base_ = ['mmpose::_base_/default_runtime.py']
default_scope = 'mmpose'
custom_imports = dict(imports=['cliff_ext'])

model = dict(
    type='cliff_ext.CLIFFPoseEstimator',
    data_preprocessor=dict(
        type='mmpose.PoseDataPreprocessor', mean=[127., 127., 127.], std=[128., 128., 128.], bgr_to_rgb=True),
    backbone=dict(type='mmdet.ResNet', depth=18, base_channels=48, out_indices=(0, 1, 2, 3), norm_eval=False),
    neck=dict(type='cliff_ext.PartAttention', in_channels=(48, 96, 192, 384), map_size=(24, 32),
              relations=4, with_maps=True),
    head=dict(type='cliff_ext.FeedbackHead', in_channels=3120, map_size=(24, 32), blocks=5))

dataset_type = 'CocoDataset'
data_mode = 'topdown'
data_root = 'data/demo_clip/'
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
        pipeline=[
            dict(type='LoadImage'),
            dict(type='GetBBoxCenterScale', padding=1.1),  # as CLIFF was trained
            dict(type='TopdownAffine', input_size=(96, 128)),
            dict(type='PackPoseInputs'),
        ]))
test_cfg = dict()
test_evaluator = dict(
    type='cliff_ext.RefinedEvaluator',
    metrics=[dict(type='EPE'), dict(type='PCKAccuracy', thr=0.05)],
    track_pipeline=[dict(type='Gaussian1D', sigma=2.)])

# Nothing is trained here; mmpose's inferencers look here for the names of the joints, and MMEngine wants all three or none.
train_dataloader = test_dataloader
train_cfg = dict(by_epoch=True, max_epochs=1)
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.1))
val_cfg = None
