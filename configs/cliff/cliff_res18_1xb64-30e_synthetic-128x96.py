# A small CLIFF from scratch on rendered people. Its two neighbours in this folder differ from it as the paper's ablation
# does: the loss in the crop, and besides no bbox_info.
_base_ = ['../_base_/cliff_resnet50.py', '../_base_/human_mesh_runtime.py', '../_base_/human_mesh_synthetic.py']
model = dict(
    backbone=dict(depth=18),
    head=dict(in_channels=512, dropout=0., act_cfg=dict(type='ReLU')),
    loss=dict(type='HumanMeshLoss', openpose_weight=1.))  # all 49 joints are true
test_pipeline = [dict(type='FullFrameCrop', output_size=(96, 128)), dict(type='PackHumanInputs')]
custom_hooks = [*_base_.custom_hooks, dict(type='EMAHook', momentum=0.001, update_buffers=True)]
visualizer = dict(body_model=dict(_delete_=True, type='SMPLBody'))
