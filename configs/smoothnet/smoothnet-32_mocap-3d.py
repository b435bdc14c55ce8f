# SmoothNet, 32 frames, trained on 3D joints of mocap with estimator noise; takes 2D, 3D and 6D alike.
_base_ = ['../_base_/mocap_refiner.py']
model = dict(type='SmoothNet', window_size=32, loss=dict(type='MotionLoss'))
load_from = 'embedded:refine_smoothnet32_3d.pth'
train_dataloader = dict(dataset=dict(window_size=32))
track_pipeline = [
    dict(type='Infill', max_gap=30),
    dict(type='LearnedRefine', model=model, checkpoint=load_from, on='keypoints3d'),
]
