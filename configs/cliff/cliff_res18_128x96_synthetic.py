# The small CLIFF that ships, trained on projects/synthetic_humans for the open body.
_base_ = ['./cliff_res50_256x192.py']
model = dict(
    backbone=dict(depth=18, base_channels=32, zero_init_residual=False, norm_eval=False),
    neck=dict(_delete_=True, type='FlattenMap', in_channels=256, out_channels=64),
    head=dict(in_channels=768, hidden=512, dropout=0., iterations=1))
test_pipeline = [dict(type='FullFrameCrop', output_size=(96, 128)), dict(type='PackHumanInputs')]
