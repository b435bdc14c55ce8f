# EMDB: 24 joints of bodies of the person's gender, seen from the middle of the hips; vertices after the joints' alignment;
# angles of nine joints; jitter.
test_dataloader = dict(
    batch_size=64,
    num_workers=4,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='HumanImageDataset',
        layout=dict(type='HumanDataLayout', file='data/human_data/emdb1.npz'),
        image_root='data/emdb',
        test_mode=True,
        pipeline=[
            dict(type='LoadHumanImage'),
            dict(type='FullFrameCrop', output_size=(192, 256)),
            dict(type='PackHumanInputs'),
        ]))
val_dataloader = test_dataloader
test_evaluator = dict(
    type='HumanMeshMetric',
    measures=('mpjpe', 'pa_mpjpe', 'pve', 'pa_pve', 'mpjae', 'pa_mpjae', 'jitter'),
    gendered=True,
    joints='smpl24',
    pa_of='joints',
    fps=30.,
    outfile_prefix='outputs/test_emdb',
    body_model=dict(
        type='SMPL',
        model_path='data/smpl',
        extra_regressor='data/J_regressor_extra.npy',
        h36m_regressor='data/J_regressor_h36m.npy'))
val_evaluator = test_evaluator
