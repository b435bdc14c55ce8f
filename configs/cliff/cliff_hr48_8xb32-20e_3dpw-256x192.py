# CLIFF with HRNet-W48, trained on with 3DPW in the mixture.
_base_ = [
    '../_base_/cliff_hrnet48.py', '../_base_/human_mesh_runtime.py', '../_base_/human_mesh_mixed_3dpw.py',
    '../_base_/test_3dpw.py'
]
load_from = 'checkpoints/cliff_hr48_mixed.pth'
model = dict(
    backbone=dict(init_cfg=dict(type='Pretrained', checkpoint='checkpoints/hrnetv2_w48_imagenet_pretrained.pth')),
    head=dict(mean_params='data/smpl_mean_params.npz'),
    loss=dict(
        type='HumanMeshLoss',
        body_model=dict(type='SMPLBody', model_path='data/smpl', extra_regressor='data/J_regressor_extra.npy')))
