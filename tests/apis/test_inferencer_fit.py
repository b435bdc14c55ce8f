"""Inference with a fit to 2D keypoints."""

import json

import numpy as np
import pytest
from mmengine.config import Config

from cliff_ext.apis import HumanMeshInferencer
from cliff_ext.body_models import SMPLJoints
from cliff_ext.io import load_tracks
from cliff_ext.tracks import SMPLifyFit, project_joints

PERSON = {0: [[20, 4, 60, 62, 0.9]]}


def test_a_picture_is_fitted_to_openpose(make_clip, config, tmp_path):
    clip = make_clip(frames=1)
    plain = HumanMeshInferencer(config(PERSON, tmp_path))
    (estimate, ) = plain(clip, progress=False).tracks
    projector = SMPLJoints(plain.body, range(25))
    points = project_joints(estimate, projector)[0] + [3., -2.]
    rows = np.concatenate([points, np.ones((25, 1))], 1).ravel().tolist()
    (tmp_path / 'k.json').write_text(json.dumps(dict(people=[dict(pose_keypoints_2d=rows)])))
    (tmp_path / 'fit.py').write_text(
        "track_pipeline = [dict(type='SMPLifyFit', stages=[dict(type='CameraStage', iterations=15)])]")
    inferencer = HumanMeshInferencer(config(PERSON, tmp_path), keypoints=tmp_path / 'k.json', fit=tmp_path / 'fit.py')
    result = inferencer(clip, tmp_path / 'out', [], progress=False)
    assert np.abs(project_joints(result.tracks[0], projector)[0] - points).mean() < 1.
    assert load_tracks(result.files['tracks']).tracks[0].keypoints2d_skeleton == 'openpose25'
    assert 'fit' in result.seconds


def test_people_without_keypoints_are_named(make_clip, config, tmp_path):
    (tmp_path / 'k.json').write_text(json.dumps(dict(people=[])))
    inferencer = HumanMeshInferencer(config(PERSON, tmp_path), keypoints=tmp_path / 'k.json')
    problems = inferencer(make_clip(frames=1), progress=False).problems
    assert any('has no keypoints in any frame' in problem for problem in problems)


def test_what_a_fit_lacks_stops_before_the_first_frame(config, tmp_path):
    with pytest.raises(FileNotFoundError, match='keypoints not found'):
        HumanMeshInferencer(config(PERSON, tmp_path), keypoints=tmp_path / 'none')
    (tmp_path / 'k.json').write_text(json.dumps(dict(people=[])))
    np.savez(tmp_path / 'gmm.npz', means=np.zeros((1, 3)), covars=np.eye(3)[None], weights=np.ones(1))
    prior = dict(type='MixturePosePrior', file=str(tmp_path / 'gmm.npz'))
    fit = Config(dict(track_pipeline=[dict(type='SMPLifyFit', stages=[dict(type='BodyStage', pose_prior=prior)])]))
    with pytest.raises(ValueError, match='over 3 numbers, SMPL poses have 69'):
        HumanMeshInferencer(config(PERSON, tmp_path), keypoints=tmp_path / 'k.json', fit=fit)


def test_a_fit_that_fails_leaves_the_estimates(make_clip, config, tmp_path, monkeypatch):
    (tmp_path / 'k.json').write_text(json.dumps(dict(people=[])))
    inferencer = HumanMeshInferencer(config(PERSON, tmp_path), keypoints=tmp_path / 'k.json')
    monkeypatch.setattr(SMPLifyFit, 'fit', lambda *_: 1 / 0)
    result = inferencer(make_clip(frames=1), progress=False)
    assert len(result.tracks) == 1 and any('fit was stopped by ZeroDivisionError' in line for line in result.problems)
