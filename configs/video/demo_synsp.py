# As demo.py, then people are joined across gaps, filled in, given one shape each, and refined by SynSP. Its weights do not
# ship yet: train configs/synsp/synsp-8_mocap-smpl.py and give its checkpoint here.
_base_ = ['./demo.py']
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
