# 3DMPPE on video: YOLOX-x, ByteTrack, RootNet and PoseNet of ResNet-50, trained on MuCo-3DHP; absolute 3D joints instead of
# bodies. You bring the detector as for bytetrack-yolox-x_cliff-hr48.py, and the official snapshots, converted with
# tools/model_converters/convert_official.py:
#   checkpoints/rootnet_muco.pth, checkpoints/posenet_muco.pth
# Depths scale with the focal length: set focal_length (pixels) where it is known; else the image's diagonal is taken.
_base_ = ['./bytetrack-yolox-x_cliff-hr48.py']
estimator = dict(
    _delete_=True,
    type='RootPoseEstimator',
    root=dict(
        config='{{ fileDirname }}/../rootnet/rootnet_res50_muco-mupots.py', checkpoint='checkpoints/rootnet_muco.pth'),
    pose=dict(
        config='{{ fileDirname }}/../posenet/posenet_res50_muco-mupots.py', checkpoint='checkpoints/posenet_muco.pth'),
    batch_size=8)
body_model = None
track_pipeline = [
    dict(type='JoinTracks', max_gap=60),
    dict(type='Infill', max_gap=60, smooth=True),
    dict(type='Gaussian1D', sigma=2., fields=('keypoints3d', )),
]
