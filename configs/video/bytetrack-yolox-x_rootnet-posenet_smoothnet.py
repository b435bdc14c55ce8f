# As bytetrack-yolox-x_rootnet-posenet.py, refined by SmoothNet, which takes any joints. Convert its official checkpoint with
# tools/model_converters/convert_official.py.
_base_ = ['./bytetrack-yolox-x_rootnet-posenet.py']
track_pipeline = [
    dict(type='JoinTracks', max_gap=60),
    dict(type='Infill', max_gap=60, smooth=True),
    dict(
        type='LearnedRefine',
        model='{{ fileDirname }}/../smoothnet/smoothnet-32_h36m-fcn-3d.py',
        checkpoint='checkpoints/smoothnet_h36m_fcn_32.pth',
        on='keypoints3d'),
]
