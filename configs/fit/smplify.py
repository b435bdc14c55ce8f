# Each frame for itself, by L-BFGS; a frame keeps the better of its estimate and its fit.
default_scope = 'cliff_ext'
track_pipeline = [
    dict(
        type='FitOrPrediction',
        margin=0.05,
        fit=dict(
            type='SMPLifyFit',
            body_model=dict(type='SMPLBody'),
            minimizer=dict(type='BatchLBFGS'),
            person_size=400.,
            stages=[
                dict(type='CameraStage', iterations=30),
                dict(
                    type='BodyStage',
                    pose_prior=dict(type='MixturePosePrior'),
                    free=['global_orient', 'body_pose', 'betas', 'transl'],
                    ignored=[],
                    anchor=2000.,
                    shape_anchor=2000.,
                    depth_anchor=1e4,
                    iterations=70),
            ])),
]
