# As bytetrack-yolox-x_cliff-hr48.py with ResNet-50: faster, about 3 mm less accurate on 3DPW by the paper.
_base_ = ['./bytetrack-yolox-x_cliff-hr48.py']
estimator = dict(
    config='{{ fileDirname }}/../cliff/cliff_res50_256x192.py', checkpoint='checkpoints/cliff_res50.pth')
