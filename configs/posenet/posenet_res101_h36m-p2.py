# As posenet_res50_h36m-p2.py with ResNet-101.
_base_ = ['./posenet_res50_h36m-p2.py']
model = dict(backbone=dict(depth=101, init_cfg=dict(checkpoint='torchvision://resnet101')))
