# Annotates with the small CLIFF that ships and the open body: no file is needed.
# pose_weight and betas_weight pull towards the network's own first predictions.
_base_ = ['../cliff/cliff_efficientnet-lite0_128x96_synthetic.py', '../_base_/annotator.py']
model = dict(loss=dict(type='HumanMeshLoss', keypoints3d_weight=0., pose_weight=20., betas_weight=0.06))
load_from = 'embedded:demo_cliff.pth'
