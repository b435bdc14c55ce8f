# SynSP, 8 frames, for 17 joints in 3D (h36m17, metres, pelvis at the origin), trained on mocap with estimator noise.
_base_ = ['../_base_/mocap_refiner.py']
model = dict(type='SynSP', window_size=8, in_channels=51, base_frequencies=3, loss=dict(type='MotionLoss'))
load_from = 'embedded:refine_synsp8_3d.pth'
track_pipeline = [
    dict(type='Infill', max_gap=30),
    dict(type='LearnedRefine', model=model, checkpoint=load_from, on='keypoints3d'),
]
