# CLIFF with ResNet-50 from ImageNet on Human3.6M, MPI-INF-3DHP, COCO and MPII, judged on 3DPW.
_base_ = [
    '../_base_/cliff_resnet50.py', '../_base_/human_mesh_runtime.py', '../_base_/human_mesh_mixed.py',
    '../_base_/human_mesh_schedule_200e.py', '../_base_/test_3dpw.py'
]
model = dict(
    backbone=dict(init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50')),
    head=dict(mean_params='data/smpl_mean_params.npz'),
    loss=dict(
        type='HumanMeshLoss',
        body_model=dict(type='SMPLBody', model_path='data/smpl', extra_regressor='data/J_regressor_extra.npy')))
