# Fine-tuning with 3DPW in the mixture. Its 2D keypoints are projections of its bodies, as those that come with it are
# unreliable.
_base_ = ['./human_mesh_mixed.py', './human_mesh_schedule_200e.py']
train_dataloader = dict(
    dataset=dict(
        partition=[0.3, 0.08, 0.27, 0.1, 0.25],
        datasets=[
            *_base_.train_dataloader.dataset.datasets,
            dict(
                type='HumanMeshDataset',
                layout=dict(type='HumanDataLayout', file='data/human_data/3dpw_train.npz'),
                image_root='data/3dpw',
                body_model=_base_.train_body,
                pipeline=_base_.train_pipeline),
        ]))
optim_wrapper = dict(optimizer=dict(lr=1e-5))
param_scheduler = [dict(type='MultiStepLR', milestones=[15], gamma=0.1, by_epoch=True)]
train_cfg = dict(max_epochs=20, val_interval=1)
