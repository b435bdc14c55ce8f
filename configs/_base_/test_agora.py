# AGORA's validation set: people are matched by their joints in the image; 24 joints and all vertices seen from the middle of
# the hips, also divided by F1. The boxes are those of the annotations; for boxes of a detector, make a HumanData file of
# them and give the annotations as test_evaluator.truth_file.
test_dataloader = dict(
    batch_size=64,
    num_workers=4,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='HumanImageDataset',
        layout=dict(type='HumanDataLayout', file='data/human_data/agora_validation.npz'),
        image_root='data/agora',
        test_mode=True,
        pipeline=[
            dict(type='LoadHumanImage'),
            dict(type='FullFrameCrop', output_size=(192, 256)),
            dict(type='PackHumanInputs'),
        ]))
val_dataloader = test_dataloader
test_evaluator = dict(
    type='MatchedHumanMeshMetric',
    measures=('mpjpe', 'pve'),
    gendered=True,
    outfile_prefix='outputs/test_agora',
    body_model=dict(
        type='SMPL',
        model_path='data/smpl',
        extra_regressor='data/J_regressor_extra.npy',
        h36m_regressor='data/J_regressor_h36m.npy'))
val_evaluator = test_evaluator
