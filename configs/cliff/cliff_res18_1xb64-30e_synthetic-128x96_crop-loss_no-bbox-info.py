# HMR: the network does not know where the crop lies, and the keypoints' loss is taken in the crop.
_base_ = ['./cliff_res18_1xb64-30e_synthetic-128x96.py']
model = dict(bbox_info=False, loss=dict(full_frame=False))
