# MPI-INF-3DHP: 17 joints seen from the pelvis, as SPIN scores them; 3DPCK at 150 mm and its area under the curve.
test_dataloader = dict(
    batch_size=64,
    num_workers=4,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='HumanImageDataset',
        layout=dict(type='HumanDataLayout', file='data/human_data/mpi_inf_3dhp_test.npz', eval_skeleton='h36m17'),
        image_root='data/mpi_inf_3dhp',
        test_mode=True,
        pipeline=[
            dict(type='LoadHumanImage'),
            dict(type='FullFrameCrop', output_size=(192, 256)),
            dict(type='PackHumanInputs'),
        ]))
val_dataloader = test_dataloader
test_evaluator = dict(
    type='HumanMeshMetric',
    measures=('mpjpe', 'pck', 'auc', 'pa_mpjpe', 'pa_pck', 'pa_auc'),
    truth='keypoints3d_eval',
    joints='h36m17',
    root=('pelvis', ),
    outfile_prefix='outputs/test_mpi_inf_3dhp',
    body_model=dict(
        type='SMPL',
        model_path='data/smpl',
        extra_regressor='data/J_regressor_extra.npy',
        h36m_regressor='data/J_regressor_h36m.npy'))
val_evaluator = test_evaluator
