# A config of mmhuman3d 0.11 (mmcv 1.x): its estimator, backbone and tester; our neck, head, crop, body and measures.
# Weights: cliff_ext/zoo/demo_cliff.pth. Data: make_dataset.py.
custom_imports = dict(imports=['cliff_ext.integrations.mmhuman3d'], allow_failed_imports=False)
model = dict(
    type='CliffImageBodyModelEstimator',
    backbone=dict(type='ResNet', depth=18, base_channels=48, out_indices=(0, 1, 2, 3), norm_eval=False),
    neck=dict(type='cliff_ext.PartAttention', in_channels=(48, 96, 192, 384), map_size=(24, 32),
              relations=4, with_maps=True),
    head=dict(type='cliff_ext.FeedbackHead', in_channels=3120, map_size=(24, 32), blocks=5),
    body_model_test=dict(type='cliff_ext.SMPLBody'),
    convention='smpl_49')
keys = ['img', 'sample_idx', 'bbox_info', 'center', 'scale', 'img_h', 'img_w', 'focal_length']
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='cliff_ext.FullFrameCrop', output_size=(96, 128)),
    dict(type='Normalize', mean=[127., 127., 127.], std=[128., 128., 128.], to_rgb=True),
    dict(type='ImageToTensor', keys=['img']),
    dict(type='ToTensor', keys=keys[1:]),
    dict(type='Collect', keys=keys, meta_keys=['image_path']),
]
data = dict(
    samples_per_gpu=16,
    workers_per_gpu=1,
    test=dict(
        type='cliff_ext.HumanMeshDataset',
        dataset_name='humman',  # what mmhuman3d compares with: joints of the body model in the file's poses
        data_prefix='data/demo_clip_mmhuman3d',
        ann_file='demo_clip.npz',
        body_model=dict(type='cliff_ext.SMPLBody'),
        convention='smpl_49',
        pipeline=test_pipeline))
