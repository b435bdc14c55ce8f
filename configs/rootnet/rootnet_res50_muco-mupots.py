# RootNet trained on MuCo-3DHP, with COCO as the 2D half, tested on MuPoTS-3D. True boxes; the paper takes a detector's:
# layout.boxes (readme).
_base_ = ['../_base_/rootnet_resnet50.py', '../_base_/patches_muco.py']
train_dataloader = dict(
    dataset=dict(
        datasets=[
            dict(_base_.train_dataloader.dataset.datasets[0], pipeline=_base_.train_pipeline),
            dict(_base_.train_dataloader.dataset.datasets[1], pipeline=_base_.train_pipeline),
        ]))
test_dataloader = dict(dataset=dict(pipeline=_base_.val_pipeline))
val_dataloader = test_dataloader
test_evaluator = dict(
    type='RootMetric',
    mupots='data/MuPoTS/data/MuPoTS-3D.json',
    out_file='work_dirs/rootnet_res50_muco-mupots/bbox_root_mupots_output.json')
val_evaluator = test_evaluator
