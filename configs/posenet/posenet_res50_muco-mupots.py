# PoseNet trained on MuCo-3DHP, with COCO as the 2D half, tested on MuPoTS-3D. True boxes and roots; the paper takes those
# of a detector and of RootNet: layout.boxes (readme).
_base_ = ['../_base_/posenet_resnet50.py', '../_base_/patches_muco.py']
model = dict(skeleton='muco21', head=dict(num_joints=21))
train_dataloader = dict(
    dataset=dict(
        datasets=[
            dict(_base_.train_dataloader.dataset.datasets[0], pipeline=_base_.train_pipeline),
            dict(_base_.train_dataloader.dataset.datasets[1], pipeline=_base_.train_pipeline),
        ]))
test_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
val_dataloader = test_dataloader
test_evaluator = dict(type='MuPoTSMetric', annotations='data/MuPoTS/data/MultiPersonTestSet')
val_evaluator = test_evaluator
