# Published with mixed precision: train with --amp on a GPU.
_base_ = ['./pose_refiner.py']
model = dict(
    type='SynSP', window_size=8, in_channels=51, embed_dims=128, loss=dict(type='MotionLoss', acceleration_weight=0.1))
train_dataloader = dict(batch_size=2000, dataset=dict(window_size=8))
