# CLIFF with ResNet-50, for the official checkpoint res50-PA45.7_MJE72.0_MVE85.3_3dpw.pt
# (convert it first: tools/model_converters/convert_official.py).
_base_ = ['../_base_/cliff_resnet50.py']
default_scope = 'cliff_ext'
custom_imports = dict(imports=['cliff_ext.models', 'cliff_ext.datasets.transforms', 'mmdet.models'])
