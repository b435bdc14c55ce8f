# PoseNet trained on MuCo-3DHP, with COCO as the 2D half, tested on MuPoTS-3D. True boxes and roots; the paper takes those
# of a detector and of RootNet: layout.boxes (readme).
_base_ = ['../_base_/posenet_resnet50.py']
model = dict(skeleton='muco21', head=dict(num_joints=21))
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
                layout=dict(type='MuCoLayout', ann_file='data/MuCo/data/MuCo-3DHP.json', image_root='data/MuCo/data'),
                pipeline={{_base_.train_pipeline}}),
            dict(
                type='AbsolutePoseDataset',
                layout=dict(
                    type='COCOLayout',
                    ann_file='data/MSCOCO/annotations/person_keypoints_train2017.json',
                    image_root='data/MSCOCO/images/train2017'),
                skeleton='muco21',
                stand_ins=dict(thorax='mid_shoulders'),  # as 3DMPPE takes them
                pipeline={{_base_.train_pipeline}}),
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
        skeleton='muco21',
        pipeline={{_base_.val_pipeline}}))
val_dataloader = test_dataloader
test_evaluator = dict(type='MuPoTSMetric', annotations='data/MuPoTS/data/MultiPersonTestSet')
val_evaluator = test_evaluator
