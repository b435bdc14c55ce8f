# Human3.6M, and MPII as the 2D half, for PoseNet and RootNet; protocol 2. True boxes and roots. The networks' configs add
# their pipelines.
train_dataloader = dict(
    batch_size=32,
    num_workers=8,
    drop_last=True,
    collate_fn=dict(type='cliff_ext.collate_samples'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='MixedHumanDataset',
        partition=[1, 1],
        datasets=[
            dict(
                type='AbsolutePoseDataset',
                layout=dict(type='Human36MLayout', data_root='data/Human36M', split='train', protocol=2)),
            dict(
                type='AbsolutePoseDataset',
                layout=dict(
                    type='MPIILayout', ann_file='data/MPII/annotations/train.json', image_root='data/MPII'),
                skeleton='h36m18',
                stand_ins=dict(mid_shoulders='thorax', thorax='neck')),  # as 3DMPPE takes them
        ]))
test_dataloader = dict(
    batch_size=32,
    num_workers=8,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='AbsolutePoseDataset',
        layout=dict(type='Human36MLayout', data_root='data/Human36M', split='test', protocol=2)))
val_dataloader = test_dataloader
