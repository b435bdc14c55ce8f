# As rootnet_res18-parts_128x96_synthetic, and it tells which cells of the patch show the person and which the whole body covers,
# by which people who overlap are put in order. Data sets hold no such masks: projects/synthetic_humans/train_rootnet.py trains
# this one, on rendered people.
_base_ = ['./rootnet_res18-parts_128x96_synthetic.py']
model = dict(mask_head=dict(type='AmodalMaskHead'))
