# MuCo-3DHP, and COCO as the 2D half, for PoseNet and RootNet; tested on MuPoTS-3D. True boxes and roots. The networks' configs
# add their pipelines.
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
                layout=dict(type='MuCoLayout', ann_file='data/MuCo/data/MuCo-3DHP.json', image_root='data/MuCo/data')),
            dict(
                type='AbsolutePoseDataset',
                layout=dict(
                    type='COCOLayout',
                    ann_file='data/MSCOCO/annotations/person_keypoints_train2017.json',
                    image_root='data/MSCOCO/images/train2017'),
                skeleton='muco21',
                stand_ins=dict(thorax='mid_shoulders')),  # as 3DMPPE takes them
        ]))
test_dataloader = dict(
    batch_size=32,
    num_workers=8,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='AbsolutePoseDataset',
        layout=dict(
            type='MuPoTSLayout',
            ann_file='data/MuPoTS/data/MuPoTS-3D.json',
            image_root='data/MuPoTS/data/MultiPersonTestSet'),
        skeleton='muco21'))
val_dataloader = test_dataloader
