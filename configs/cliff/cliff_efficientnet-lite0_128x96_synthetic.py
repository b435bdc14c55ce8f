# The small CLIFF that ships, trained on projects/synthetic_humans for the open body. Its backbone starts from ImageNet.
_base_ = ['./cliff_res50_256x192.py']
model = dict(
    data_preprocessor=dict(mean=[127., 127., 127.], std=[128., 128., 128.]),
    backbone=dict(_delete_=True, type='EfficientNetLite', out_indices=(1, 2, 4, 6), frozen_stages=2),
    neck=dict(_delete_=True, type='PartAttention', in_channels=(24, 40, 112, 320), map_size=(24, 32)),
    head=dict(in_channels=3056, dropout=0., iterations=1, act_cfg=dict(type='ReLU')))
test_pipeline = [dict(type='FullFrameCrop', output_size=(96, 128)), dict(type='PackHumanInputs')]
