# The small CLIFF that ships, trained on projects/synthetic_humans for the open body.
_base_ = ['./cliff_res50_256x192.py']
model = dict(backbone=dict(depth=18, base_channels=32), head=dict(in_channels=256, hidden=512, dropout=0.2))
test_pipeline = [dict(type='FullFrameCrop', output_size=(96, 128)), dict(type='PackHumanInputs')]
