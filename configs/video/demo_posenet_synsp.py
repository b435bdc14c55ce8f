# As demo_posenet.py, refined by SynSP instead of a filter.
_base_ = ['./demo_posenet.py']
track_pipeline = [
    dict(type='JoinTracks', max_gap=60),
    dict(type='Infill', max_gap=60, smooth=True),
    dict(
        type='LearnedRefine',
        model='{{ fileDirname }}/../synsp/synsp-8_mocap-3d.py',
        checkpoint='embedded:refine_synsp8_3d.pth',
        on='keypoints3d'),
]
