# EMDB: 24 joints of bodies of the person's gender, seen from the middle of the hips; vertices after the joints' alignment;
# angles of nine joints; jitter.
_base_ = ['./test_human_mesh.py']
test_dataloader = dict(dataset=dict(
    layout=dict(file='data/human_data/emdb1.npz'), image_root='data/emdb'))
val_dataloader = test_dataloader
test_evaluator = dict(
    type='HumanMeshMetric',
    measures=('mpjpe', 'pa_mpjpe', 'pve', 'pa_pve', 'mpjae', 'pa_mpjae', 'jitter'),
    gendered=True,
    joints='smpl24',
    pa_of='joints',
    fps=30.,
    outfile_prefix='outputs/test_emdb')
val_evaluator = test_evaluator
