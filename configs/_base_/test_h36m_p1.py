# Human3.6M, protocol 1: subjects 9 and 11, all cameras; the markers' 14 joints seen from the pelvis. joints='h36m17' scores
# all 17.
test_dataloader = dict(
    batch_size=64,
    num_workers=4,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='HumanImageDataset',
        layout=dict(type='HumanDataLayout', file='data/human_data/h36m_p1_test.npz', eval_skeleton='h36m17'),
        image_root='data/h36m',
        test_mode=True,
        pipeline=[
            dict(type='LoadHumanImage'),
            dict(type='FullFrameCrop', output_size=(192, 256)),
            dict(type='PackHumanInputs'),
        ]))
val_dataloader = test_dataloader
test_evaluator = dict(
    type='HumanMeshMetric',
    measures=('pa_mpjpe', 'mpjpe'),
    truth='keypoints3d_eval',
    joints='lsp14',
    root=('pelvis', ),
    outfile_prefix='outputs/test_h36m_p1',
    body_model=dict(
        type='SMPL',
        model_path='data/smpl',
        extra_regressor='data/J_regressor_extra.npy',
        h36m_regressor='data/J_regressor_h36m.npy'))
val_evaluator = test_evaluator
