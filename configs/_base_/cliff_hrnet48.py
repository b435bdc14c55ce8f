_base_ = ['./cliff_resnet50.py']
model = dict(backbone=dict(_delete_=True, type='ClsHRNet', width=48))
