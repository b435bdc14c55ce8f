# The seed's pipeline: YOLOX-x, ByteTrack, CLIFF with HRNet-W48 and SMPL. You bring three files:
#   checkpoints/yolox_x_8x8_300e_coco_20211126_140254-1ef88d67.pth   from mmdet's model zoo
#   checkpoints/cliff_hr48.pth          official checkpoint, converted with tools/model_converters/convert_official.py
#   data/smpl/SMPL_NEUTRAL.pkl, data/J_regressor_extra.npy (SPIN)
_base_ = ['./demo.py']
detector = dict(
    config='mmdet::yolox/yolox_x_8xb8-300e_coco.py',
    checkpoint='checkpoints/yolox_x_8x8_300e_coco_20211126_140254-1ef88d67.pth')
identity = dict(
    tracker=dict(
        obj_score_thrs=dict(high=0.6, low=0.3),
        init_track_thr=0.7,
        weight_iou_with_det_scores=True,
        match_iou_thrs=dict(high=0.1, low=0.5, tentative=0.3),
        num_frames_retain=30))
min_frames = 1
estimator = dict(
    config='{{ fileDirname }}/../cliff/cliff_hr48_256x192.py', checkpoint='checkpoints/cliff_hr48.pth')
body_model = dict(model_path='data/smpl', extra_regressor='data/J_regressor_extra.npy')
