# PoseNet on Human3.6M, protocol 2, with MPII as the 2D half. True boxes and roots; others: layout.boxes (readme).
_base_ = ['../_base_/posenet_resnet50.py', '../_base_/patches_h36m.py']
train_dataloader = dict(
    dataset=dict(
        datasets=[
            dict(_base_.train_dataloader.dataset.datasets[0], pipeline=_base_.train_pipeline),
            dict(_base_.train_dataloader.dataset.datasets[1], pipeline=_base_.train_pipeline),
        ]))
test_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
val_dataloader = test_dataloader
test_evaluator = dict(type='Human36MPoseMetric', protocol=2)
val_evaluator = test_evaluator
