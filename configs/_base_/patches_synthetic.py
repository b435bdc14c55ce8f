# Rendered people (projects/synthetic_humans, whose to_human_data.py makes the npz) for the small PoseNet and RootNet. True boxes
# and roots. The networks' configs add the training's pipeline.
train_dataloader = dict(
    batch_size=32,
    num_workers=1,
    persistent_workers=True,
    drop_last=True,
    collate_fn=dict(type='cliff_ext.collate_samples'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='AbsolutePoseDataset',
        layout=dict(
            type='HumanDataPoseLayout', file='data/synthetic_humans/train.npz', image_root='data/synthetic_humans/train')))
test_dataloader = dict(
    batch_size=32,
    num_workers=1,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='AbsolutePoseDataset',
        layout=dict(
            type='HumanDataPoseLayout', file='data/synthetic_humans/test.npz', image_root='data/synthetic_humans/test'),
        pipeline=[
            dict(type='LoadHumanImage'),
            dict(type='CropPatch', output_size=(128, 128)),
            dict(type='PackPatchInputs'),
        ]))
val_dataloader = test_dataloader
