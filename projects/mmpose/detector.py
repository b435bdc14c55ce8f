# The small detector that ships, with what mmdet's DetInferencer (inside mmpose's inferencers) also wants to be told.
_base_ = ['../../configs/detector/yolox_person_416_synthetic.py']
test_dataloader = dict(dataset=dict(type='CocoDataset', test_mode=True))
visualizer = dict(type='DetLocalVisualizer', vis_backends=[dict(type='LocalVisBackend')], name='visualizer')
