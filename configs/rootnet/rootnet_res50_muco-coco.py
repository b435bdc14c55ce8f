# RootNet trained on MuCo-3DHP and COCO; the test finds the roots of COCO's validation people and writes them as json.
# COCO has no cameras: the focal length is 1500 pixels, as of the roots that 3DMPPE publishes.
_base_ = ['./rootnet_res50_muco-mupots.py']
test_dataloader = dict(
    dataset=dict(
        layout=dict(
            _delete_=True,
            type='COCOLayout',
            ann_file='data/MSCOCO/annotations/person_keypoints_val2017.json',
            image_root='data/MSCOCO/images/val2017',
            focal_length=1500.)))
test_evaluator = dict(
    _delete_=True, type='RootMetric', out_file='work_dirs/rootnet_res50_muco-coco/bbox_root_coco_output.json')
