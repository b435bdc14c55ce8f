# 3DPW: LSP's 14 joints regressed from bodies of the person's gender, seen from the middle of the hips (VIBE, CLIFF).
_base_ = ['./test_human_mesh.py']
test_dataloader = dict(dataset=dict(
    layout=dict(file='data/human_data/3dpw_test.npz'), image_root='data/3dpw'))
val_dataloader = test_dataloader
test_evaluator = dict(
    type='HumanMeshMetric',
    measures=('pa_mpjpe', 'mpjpe', 'pve', 'accel'),
    gendered=True,
    joints='lsp14',
    outfile_prefix='outputs/test_3dpw')
val_evaluator = test_evaluator
