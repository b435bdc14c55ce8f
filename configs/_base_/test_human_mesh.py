# What all protocols share: people at their true boxes, and bodies from SMPL's files. A protocol says which data and measures.
test_dataloader = dict(
    batch_size=64,
    num_workers=4,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='HumanMeshDataset',
        layout=dict(type='HumanDataLayout'),
        test_mode=True,
        pipeline=[
            dict(type='LoadHumanImage'),
            dict(type='FullFrameCrop', output_size=(192, 256)),
            dict(type='PackHumanInputs'),
        ]))
val_dataloader = test_dataloader
test_evaluator = dict(
    body_model=dict(
        type='SMPLBody',
        model_path='data/smpl',
        extra_regressor='data/J_regressor_extra.npy',
        h36m_regressor='data/J_regressor_h36m.npy'))
val_evaluator = test_evaluator
