# ByteTrack as mmtrack 1.x writes it: its scope, its names, the motion model beside the tracker, a pipeline that sees one
# frame. The one line that an existing config needs is custom_imports.
default_scope = 'mmtrack'
custom_imports = dict(imports=['cliff_ext'])

model = dict(
    type='ByteTrack',
    data_preprocessor=dict(type='TrackDataPreprocessor', pad_size_divisor=32),
    detector=dict(
        _scope_='mmdet',
        type='YOLOX',
        backbone=dict(type='CSPDarknet', deepen_factor=0.33, widen_factor=0.25, out_indices=(2, 3, 4)),
        neck=dict(type='YOLOXPAFPN', in_channels=[64, 128, 256], out_channels=64, num_csp_blocks=1),
        bbox_head=dict(
            type='YOLOXHead', num_classes=1, in_channels=64, feat_channels=64, stacked_convs=2, strides=(8, 16, 32)),
        train_cfg=dict(assigner=dict(type='SimOTAAssigner', center_radius=2.5)),
        test_cfg=dict(score_thr=0.01, nms=dict(type='nms', iou_threshold=0.65))),
    motion=dict(type='KalmanFilter'),
    tracker=dict(
        type='ByteTracker',
        obj_score_thrs=dict(high=0.5, low=0.3),
        init_track_thr=0.6,
        weight_iou_with_det_scores=False,
        match_iou_thrs=dict(high=0.2, low=0.5, tentative=0.3),
        num_frames_retain=45))

test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadTrackAnnotations', with_instance_id=True),
    dict(type='mmdet.Resize', scale=(416, 416), keep_ratio=True),
    dict(type='mmdet.Pad', pad_to_square=True, pad_val=dict(img=(114.0, 114.0, 114.0))),
    dict(type='PackTrackInputs', pack_single_img=True),
]
test_dataloader = dict(
    batch_size=1,
    num_workers=0,
    drop_last=False,
    sampler=dict(type='VideoSampler'),
    dataset=dict(
        type='MOTChallengeDataset',
        data_root='data/demo_mot/',
        ann_file='annotations/train_cocoformat.json',
        data_prefix=dict(img_path='train'),
        metainfo=dict(CLASSES=('pedestrian', )),
        ref_img_sampler=None,
        load_as_video=True,
        test_mode=True,
        pipeline=test_pipeline))
test_cfg = dict(type='TestLoop')
test_evaluator = dict(type='MOTChallengeMetrics', metric=['HOTA', 'CLEAR', 'Identity'])

default_hooks = dict(
    logger=dict(type='LoggerHook', interval=20), visualization=dict(type='TrackVisualizationHook', draw=False))
vis_backends = [dict(type='LocalVisBackend')]
visualizer = dict(type='TrackLocalVisualizer', vis_backends=vis_backends, name='visualizer')
