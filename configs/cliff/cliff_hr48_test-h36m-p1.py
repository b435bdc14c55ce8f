# CLIFF with the official weights, converted with tools/model_converters/convert_official.py.
_base_ = ['../_base_/cliff_hrnet48.py', '../_base_/human_mesh_runtime.py', '../_base_/test_h36m_p1.py']
load_from = 'checkpoints/cliff_hr48.pth'
