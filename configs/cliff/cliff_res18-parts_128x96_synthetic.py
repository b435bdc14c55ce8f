# The small CLIFF that ships, for the open body; cliff_res18-parts_1xb64-30e_synthetic-128x96.py trains it.
_base_ = ['../_base_/cliff_res18_parts.py']
default_scope = 'cliff_ext'
custom_imports = dict(imports=['cliff_ext.models', 'cliff_ext.datasets.transforms', 'mmdet.models'])
model = dict(flip_test=True)
