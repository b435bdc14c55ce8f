# Annotates with CLIFF HRNet-W48. Needs its weights (see configs/cliff/cliff_hr48_256x192.py) and the neutral SMPL.
# pose_weight and betas_weight pull towards the network's own first predictions.
_base_ = ['../cliff/cliff_hr48_256x192.py', '../_base_/annotator.py']
model = dict(
    loss=dict(
        type='HumanMeshLoss', body_model=dict(type='SMPLBody', model_path='data/smpl'), keypoints3d_weight=0., pose_weight=20.,
        betas_weight=0.06))
load_from = 'checkpoints/cliff_hr48.pth'
