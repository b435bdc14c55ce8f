# AGORA's validation set: people are matched by their joints in the image; 24 joints and all vertices seen from the middle of
# the hips, also divided by F1. The boxes are those of the annotations; for boxes of a detector, make a HumanData file of
# them and give the annotations as test_evaluator.truth_file.
_base_ = ['./test_human_mesh.py']
test_dataloader = dict(dataset=dict(
    layout=dict(file='data/human_data/agora_validation.npz'), image_root='data/agora'))
val_dataloader = test_dataloader
test_evaluator = dict(
    type='MatchedHumanMeshMetric',
    measures=('mpjpe', 'pve'),
    gendered=True,
    outfile_prefix='outputs/test_agora')
val_evaluator = test_evaluator
