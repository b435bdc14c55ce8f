# CLIFF with the official weights, converted with tools/model_converters/convert_official.py.
_base_ = ['../_base_/cliff_resnet50.py', '../_base_/human_mesh_runtime.py', '../_base_/test_mpi_inf_3dhp.py']
load_from = 'checkpoints/cliff_res50.pth'
