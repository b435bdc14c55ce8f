# The small CLIFF that ships, trained on projects/synthetic_humans for the open body. Its backbone is the shipped detector's.
_base_ = ['./cliff_res50_256x192.py']
model = dict(
    backbone=dict(
        _delete_=True, type='mmdet.CSPDarknet', deepen_factor=0.33, widen_factor=0.25, out_indices=(2, 3, 4)),
    neck=dict(_delete_=True, type='FlattenMap', in_channels=256, out_channels=128),
    head=dict(in_channels=1536, hidden=512, dropout=0., iterations=1))
test_pipeline = [dict(type='FullFrameCrop', output_size=(96, 128)), dict(type='PackHumanInputs')]
