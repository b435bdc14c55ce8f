# Annotates with the small CLIFF that ships and the open body: no file is needed.
# pose_weight and betas_weight pull towards the network's own first predictions. Small batches: hundreds of people are few
# steps, and many epochs are needed before the keypoints are met.
_base_ = ['../cliff/cliff_res18-parts_128x96_synthetic.py', '../_base_/annotator.py']
model = dict(loss=dict(type='HumanMeshLoss', keypoints3d_weight=0., pose_weight=5., betas_weight=0.06))
load_from = 'embedded:demo_cliff.pth'
optim_wrapper = dict(optimizer=dict(lr=3e-4))
train_dataloader = dict(batch_size=16)
train_cfg = dict(max_epochs=60)
param_scheduler = [
    dict(type='CosineAnnealingLR', eta_min_ratio=0.01, begin=0, end=60, by_epoch=True, convert_to_iter_based=True)
]
