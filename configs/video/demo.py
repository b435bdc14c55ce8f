# Everything that ships: the small detector, the small CLIFF, the open body, SynSP. Runs with no download.
detector = dict(
    type='MMDetDetector',
    config='{{ fileDirname }}/../detector/yolox_person_416_synthetic.py',
    checkpoint='embedded:demo_detector.pth')
score_thr = 0.3  # weaker boxes never reach the tracker
max_people = 50  # a frame
frame_batch = 4
identity = dict(
    type='TrackerIdentity',
    tracker=dict(
        type='mmdet.ByteTracker',
        motion=dict(type='KalmanFilter'),
        obj_score_thrs=dict(high=0.5, low=0.3),
        init_track_thr=0.6,
        weight_iou_with_det_scores=False,
        match_iou_thrs=dict(high=0.2, low=0.5, tentative=0.3),
        num_frames_retain=45))
min_frames = 5  # people seen in fewer frames of a video are taken for false alarms
estimator = dict(
    config='{{ fileDirname }}/../cliff/cliff_res18-parts_128x96_synthetic.py',
    checkpoint='embedded:demo_cliff.pth',
    batch_size=16)
body_model = dict(type='SMPLBody')
track_pipeline = [
    dict(type='JoinTracks'),  # who left the picture and came back within two seconds keeps the identity
    dict(type='Infill', max_gap=30, smooth=True),
    dict(type='RobustBetas'),
    dict(
        type='LearnedRefine',
        model='{{ fileDirname }}/../synsp/synsp-8_mocap-smpl.py',
        checkpoint='embedded:refine_synsp8_smpl.pth',
        on='smpl'),
]
