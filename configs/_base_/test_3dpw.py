# 3DPW: LSP's 14 joints regressed from bodies of the person's gender, seen from the middle of the hips (VIBE, CLIFF).
test_dataloader = dict(
    batch_size=64,
    num_workers=4,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='HumanImageDataset',
        layout=dict(type='HumanDataLayout', file='data/human_data/3dpw_test.npz'),
        image_root='data/3dpw',
        test_mode=True,
        pipeline=[
            dict(type='LoadHumanImage'),
            dict(type='FullFrameCrop', output_size=(192, 256)),
            dict(type='PackHumanInputs'),
        ]))
val_dataloader = test_dataloader
test_evaluator = dict(
    type='HumanMeshMetric',
    measures=('pa_mpjpe', 'mpjpe', 'pve', 'accel'),
    gendered=True,
    joints='lsp14',
    outfile_prefix='outputs/test_3dpw',
    body_model=dict(
        type='SMPL',
        model_path='data/smpl',
        extra_regressor='data/J_regressor_extra.npy',
        h36m_regressor='data/J_regressor_h36m.npy'))
val_evaluator = test_evaluator
