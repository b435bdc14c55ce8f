# SynSP, 8 frames, for SMPL as 24 rotations in 6D, seen from any side, trained on mocap with estimator noise.
_base_ = ['../_base_/mocap_refiner.py']
model = dict(
    type='SynSP',
    window_size=8,
    in_channels=144,
    dropout=0.,
    base_frequencies=2,
    loss=dict(type='MotionLoss', acceleration_weight=4.))
load_from = 'embedded:refine_synsp8_smpl.pth'
train_dataloader = dict(
    dataset=dict(
        layout=dict(representation='smpl'),
        pipeline=[
            dict(type='VaryMotion', turn='any'),
            dict(type='EstimatorNoise', jitter=0.035, drift=0.05, burst=0.3, strength=(0.35, 2.8)),
            dict(type='PackPoseWindow'),
        ]))
test_dataloader = dict(
    dataset=dict(
        layout=dict(representation='smpl'),
        pipeline=[
            dict(type='EstimatorNoise', jitter=0.035, drift=0.05, burst=0.3, seed=0),
            dict(type='PackPoseWindow'),
        ]))
val_dataloader = test_dataloader
test_evaluator = dict(type='SMPLSequenceMetric')
val_evaluator = test_evaluator
track_pipeline = [
    dict(type='Infill', max_gap=30),
    dict(type='LearnedRefine', model=model, checkpoint=load_from, on='smpl'),
]
