# A whole film: one shape a person, smooth pose and path; frames without keypoints follow their neighbours.
default_scope = 'cliff_ext'
track_pipeline = [
    dict(type='Infill', max_gap=60, smooth=True),
    dict(
        type='SMPLifyFit',
        body_model=dict(type='SMPLBody'),
        minimizer=dict(type='BatchLBFGS', first_step=0.3),
        person_size=400.,
        window=64,
        overlap=16,
        stages=[
            dict(type='CameraStage', iterations=40, acceleration=1e5),
            dict(
                type='BodyStage',
                pose_prior=dict(type='MixturePosePrior'),
                free=['global_orient', 'body_pose', 'betas', 'transl'],
                ignored=[],
                anchor=1000.,
                shape_anchor=2000.,
                velocity=(100., 1e3),
                acceleration=(1e4, 1e6),
                iterations=120),
        ]),
]
