_base_ = ['./pose_refiner.py']
model = dict(type='SmoothNet', window_size=32, loss=dict(type='MotionLoss'))
