# As posenet_res50_h36m-p2.py with ResNet-152.
_base_ = ['./posenet_res50_h36m-p2.py']
model = dict(backbone=dict(depth=152, init_cfg=dict(checkpoint='torchvision://resnet152')))
