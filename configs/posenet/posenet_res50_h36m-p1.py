# PoseNet on Human3.6M, protocol 1, with MPII as the 2D half. True boxes and roots; others: layout.boxes (readme).
_base_ = ['../_base_/posenet_resnet50.py']
train_dataloader = dict(
    batch_size=32,
    num_workers=8,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='MixedHumanDataset',
        partition=[1, 1],
        datasets=[
            dict(
                type='AbsolutePoseDataset',
                layout=dict(type='Human36MLayout', data_root='data/Human36M', split='train', protocol=1),
                pipeline={{_base_.train_pipeline}}),
            dict(
                type='AbsolutePoseDataset',
                layout=dict(
                    type='MPIILayout', ann_file='data/MPII/annotations/train.json', image_root='data/MPII'),
                skeleton='h36m18',
                stand_ins=dict(mid_shoulders='thorax', thorax='neck'),  # as 3DMPPE takes them
                pipeline={{_base_.train_pipeline}}),
        ]))
test_dataloader = dict(
    batch_size=32,
    num_workers=8,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='AbsolutePoseDataset',
        layout=dict(type='Human36MLayout', data_root='data/Human36M', split='test', protocol=1),
        pipeline={{_base_.val_pipeline}}))
val_dataloader = test_dataloader
test_evaluator = dict(type='Human36MPoseMetric', protocol=1)
val_evaluator = test_evaluator
