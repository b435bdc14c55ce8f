# ByteTrack of mmdet, as mmdet's own configs write it, with two things of cliff_ext: CLIFF on the people that are tracked,
# and the end of each video, where gaps are filled, SynSP refines and tracks are written.
_base_ = ['../../configs/detector/yolox_person_416_synthetic.py']
default_scope = 'mmdet'
custom_imports = dict(imports=['cliff_ext'])

detector = _base_.model
detector.pop('data_preprocessor')
del _base_.model
del _base_.test_dataloader

model = dict(
    type='cliff_ext.MeshTracker',
    mot=dict(
        type='ByteTrack',
        data_preprocessor=dict(type='TrackDataPreprocessor', pad_size_divisor=32),
        detector=detector,
        tracker=dict(
            type='ByteTracker',
            motion=dict(type='KalmanFilter'),
            obj_score_thrs=dict(high=0.5, low=0.3),
            init_track_thr=0.6,
            weight_iou_with_det_scores=False,
            match_iou_thrs=dict(high=0.2, low=0.5, tentative=0.3),
            num_frames_retain=45)),
    mesh='cliff_ext::cliff/cliff_res18-parts_128x96_synthetic.py',
    mesh_checkpoint='embedded:demo_cliff.pth')

test_pipeline = [
    dict(
        type='TransformBroadcaster',
        transforms=[
            dict(type='LoadImageFromFile'),
            dict(type='Resize', scale=(416, 416), keep_ratio=True),
            dict(type='Pad', pad_to_square=True, pad_val=dict(img=(114.0, 114.0, 114.0))),
            dict(type='LoadTrackAnnotations'),
        ]),
    dict(type='PackTrackInputs'),
]
test_dataloader = dict(
    batch_size=1,
    num_workers=0,
    drop_last=False,
    sampler=dict(type='TrackImgSampler'),
    dataset=dict(
        type='MOTChallengeDataset',
        data_root='data/demo_mot/',
        ann_file='annotations/train_cocoformat.json',
        data_prefix=dict(img_path='train'),
        metainfo=dict(classes=('pedestrian', )),
        test_mode=True,
        pipeline=test_pipeline))
test_cfg = dict(type='TestLoop')
test_evaluator = [
    dict(type='MOTChallengeMetric', metric=['HOTA', 'CLEAR', 'Identity']),
    dict(
        type='cliff_ext.HumanTrackMetric',
        out_dir='outputs/mmdet',
        track_pipeline='cliff_ext::video/demo.py',
        min_frames=5,
        fps=30.),
]

default_hooks = dict(
    logger=dict(type='LoggerHook', interval=20), visualization=dict(type='TrackVisualizationHook', draw=False))
vis_backends = [dict(type='LocalVisBackend')]
visualizer = dict(type='TrackLocalVisualizer', vis_backends=vis_backends, name='visualizer')
