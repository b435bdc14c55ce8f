# As demo.py, with the small RootNet and PoseNet instead of CLIFF: absolute 3D joints (h36m17) instead of bodies.
_base_ = ['./demo.py']
estimator = dict(
    _delete_=True,
    type='RootPoseEstimator',
    root=dict(
        config='{{ fileDirname }}/../rootnet/rootnet_res18-parts-masks_128x96_synthetic.py',
        checkpoint='embedded:demo_rootnet.pth'),
    pose=dict(
        config='{{ fileDirname }}/../posenet/posenet_res18-relations_128x96_synthetic.py', checkpoint='embedded:demo_posenet.pth'),
    order=dict(type='OcclusionOrder'),
    batch_size=16)
body_model = None
track_pipeline = [
    dict(type='JoinTracks', max_gap=60),
    dict(type='Infill', max_gap=60, smooth=True),
    dict(type='Gaussian1D', sigma=2., fields=('keypoints3d', )),
]
