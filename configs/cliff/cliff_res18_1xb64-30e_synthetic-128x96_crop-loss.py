# The keypoints' loss is taken in the crop, as HMR and SPIN do.
_base_ = ['./cliff_res18_1xb64-30e_synthetic-128x96.py']
model = dict(loss=dict(full_frame=False))
