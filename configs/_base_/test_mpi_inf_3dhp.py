# MPI-INF-3DHP: 17 joints seen from the pelvis, as SPIN scores them; 3DPCK at 150 mm and its area under the curve.
_base_ = ['./test_human_mesh.py']
test_dataloader = dict(dataset=dict(
    layout=dict(file='data/human_data/mpi_inf_3dhp_test.npz', eval_skeleton='h36m17'), image_root='data/mpi_inf_3dhp'))
val_dataloader = test_dataloader
test_evaluator = dict(
    type='HumanMeshMetric',
    measures=('mpjpe', 'pck', 'auc', 'pa_mpjpe', 'pa_pck', 'pa_auc'),
    truth='keypoints3d_eval',
    joints='h36m17',
    root=('pelvis', ),
    outfile_prefix='outputs/test_mpi_inf_3dhp')
val_evaluator = test_evaluator
