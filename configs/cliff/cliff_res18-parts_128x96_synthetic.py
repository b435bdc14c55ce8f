# The small CLIFF that ships, trained from nothing on projects/synthetic_humans for the open body.
_base_ = ['./cliff_res50_256x192.py']
model = dict(
    data_preprocessor=dict(mean=[127., 127., 127.], std=[128., 128., 128.]),
    backbone=dict(
        _delete_=True, type='mmdet.ResNet', depth=18, base_channels=48, out_indices=(0, 1, 2, 3), norm_eval=False),
    neck=dict(_delete_=True, type='PartAttention', in_channels=(48, 96, 192, 384), map_size=(24, 32)),
    head=dict(in_channels=3120, dropout=0., iterations=1, act_cfg=dict(type='ReLU')))
test_pipeline = [dict(type='FullFrameCrop', output_size=(96, 128)), dict(type='PackHumanInputs')]
