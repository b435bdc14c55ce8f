# Human3.6M, protocol 2: subjects 9 and 11, the frontal camera; the markers' 14 joints seen from the pelvis. joints='h36m17'
# scores all 17.
_base_ = ['./test_human_mesh.py']
test_dataloader = dict(dataset=dict(
    layout=dict(file='data/human_data/h36m_p2_test.npz', eval_skeleton='h36m17'), image_root='data/h36m'))
val_dataloader = test_dataloader
test_evaluator = dict(
    type='HumanMeshMetric',
    measures=('pa_mpjpe', 'mpjpe'),
    truth='keypoints3d_eval',
    joints='lsp14',
    root=('pelvis', ),
    outfile_prefix='outputs/test_h36m_p2')
val_evaluator = test_evaluator
