# mmdet's Faster R-CNN, made small, with CLIFF as a mesh head on its RoI features. Learns on the frames of make_dataset.py; a
# few frames teach it nothing, the config shows what belongs where.
_base_ = ['mmdet::_base_/models/faster-rcnn_r50_fpn.py']
default_scope = 'mmdet'
custom_imports = dict(imports=['cliff_ext'])

model = dict(
    backbone=dict(depth=18, init_cfg=None),
    neck=dict(in_channels=[64, 128, 256, 512], out_channels=64),
    rpn_head=dict(in_channels=64, feat_channels=64),
    roi_head=dict(
        type='cliff_ext.MeshRoIHead',
        bbox_roi_extractor=dict(out_channels=64),
        bbox_head=dict(in_channels=64, fc_out_channels=128, num_classes=1),
        mesh_roi_extractor=dict(
            type='SingleRoIExtractor',
            roi_layer=dict(type='RoIAlign', output_size=(16, 12), sampling_ratio=0),
            out_channels=64,
            featmap_strides=[4, 8, 16, 32]),
        mesh_head=dict(type='CLIFFHead', in_channels=64, hidden=256),
        mesh_loss=dict(type='HumanMeshLoss')))

data_root = 'data/demo_mot/'
image_scale = (320, 192)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', with_bbox=True),
    dict(type='Resize', scale=image_scale, keep_ratio=True),
    dict(type='PackDetInputs'),
    dict(type='cliff_ext.AddHumanTruth', ann_file=data_root + 'annotations/people.npz', image_root=data_root + 'train'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=image_scale, keep_ratio=True),
    dict(type='PackDetInputs', meta_keys=('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor')),
]
dataset = dict(
    type='CocoDataset',
    data_root=data_root,
    ann_file='annotations/train_cocoformat.json',
    data_prefix=dict(img='train/'),
    metainfo=dict(classes=('pedestrian', )))
train_dataloader = dict(
    batch_size=2,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(**dataset, pipeline=train_pipeline))
test_dataloader = dict(
    batch_size=1,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(**dataset, test_mode=True, pipeline=test_pipeline))
test_evaluator = dict(type='CocoMetric', ann_file=data_root + 'annotations/train_cocoformat.json', metric='bbox')

train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=1)
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(
    type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-4), clip_grad=dict(max_norm=10.))
default_hooks = dict(logger=dict(type='LoggerHook', interval=1), checkpoint=dict(type='CheckpointHook', interval=1))
