# As bytetrack-yolox-x_cliff-hr48.py, then joined, filled in and refined as in demo.py.
_base_ = ['./bytetrack-yolox-x_cliff-hr48.py']
track_pipeline = [
    dict(type='JoinTracks', max_gap=60),
    dict(type='Infill', max_gap=60, smooth=True),
    dict(type='RobustBetas'),
    dict(
        type='LearnedRefine',
        model='{{ fileDirname }}/../synsp/synsp-8_mocap-smpl.py',
        checkpoint='embedded:refine_synsp8_smpl.pth',
        on='smpl'),
]
