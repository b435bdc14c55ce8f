# CLIFF with HRNet-W48, trained on AGORA from the mixed training, judged on AGORA's validation set.
_base_ = [
    '../_base_/cliff_hrnet48.py', '../_base_/human_mesh_runtime.py', '../_base_/human_mesh_mixed.py',
    '../_base_/human_mesh_schedule_200e.py', '../_base_/test_agora.py'
]
load_from = 'checkpoints/cliff_hr48_mixed.pth'
model = dict(
    head=dict(mean_params='data/smpl_mean_params.npz'),
    loss=dict(
        type='HumanMeshLoss',
        openpose_weight=1.,  # all joints are projected from the bodies
        body_model=dict(type='SMPLBody', model_path='data/smpl', extra_regressor='data/J_regressor_extra.npy')))
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='HumanMeshDataset',
        layout=dict(type='HumanDataLayout', file='data/human_data/agora_train.npz'),
        image_root='data/agora',
        body_model=_base_.train_body,
        pipeline=_base_.train_pipeline))
param_scheduler = [dict(type='MultiStepLR', milestones=[40], gamma=0.1, by_epoch=True)]
train_cfg = dict(max_epochs=50, val_interval=5)
