# SMPLify as CLIFF's demo runs it: each frame for itself, Adam, 100 steps for the camera and 100 for the body, errors in the
# picture's own pixels. Name SMPLify's prior, where you have it: pose_prior=dict(type='MixturePosePrior', file='gmm_08.pkl').
default_scope = 'cliff_ext'
track_pipeline = [
    dict(
        type='SMPLifyFit',
        body_model=dict(type='SMPLBody'),
        minimizer=dict(type='BatchAdam', lr=1e-2),
        person_size=None,
        stages=[
            dict(type='CameraStage', free=['global_orient', 'transl'], iterations=100),
            dict(
                type='BodyStage',
                pose_prior=dict(type='RestPosePrior'),
                free=['global_orient', 'body_pose', 'betas'],
                iterations=100),
        ]),
]
