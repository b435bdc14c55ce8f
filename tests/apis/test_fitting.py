import json

import numpy as np
import pytest
import torch
from mmengine.config import Config

from cliff_ext.apis import build_fit_pipeline, fit_config, fit_file, fit_tracks
from cliff_ext.body_models import SMPL, SMPLJoints
from cliff_ext.io import KeypointFile, load_tracks, save_tracks
from cliff_ext.structures import get_skeleton
from cliff_ext.tracks import project_joints

SIZE = (96, 64)
FIT = dict(type='SMPLifyFit', stages=[dict(type='CameraStage', iterations=10)])


@pytest.fixture
def config() -> Config:
    return Config(dict(track_pipeline=[dict(FIT)]))


@pytest.fixture
def walking(make_track):
    """A track in the picture, and OpenPose's people for where it really is, a little to the right."""
    track = make_track(transl=np.tile([0., 0., 4.], (3, 1)), bboxes=np.tile([20., 0., 76., 64.], (3, 1)))
    there = track.replace(transl=track.transl + [0.2, 0., 0.])
    points = project_joints(there, SMPLJoints(SMPL(), range(25)))
    return track, np.concatenate([points, np.ones((3, 25, 1))], -1)


def write_openpose(folder, points) -> None:
    folder.mkdir()
    for frame, person in enumerate(points):
        content = dict(people=[dict(pose_keypoints_2d=person.ravel().tolist())])
        (folder / f'clip_{frame:012d}_keypoints.json').write_text(json.dumps(content))


def test_a_file_is_fitted_and_pictured(tmp_path, walking, config, make_clip):
    track, points = walking
    clip = make_clip(3, SIZE)
    save_tracks(tmp_path / 'in.npz', [track], SIZE, 25, str(clip))
    write_openpose(tmp_path / 'json', points)
    result = fit_file(tmp_path / 'in.npz', str(tmp_path / 'json'), tmp_path / 'out.npz', config,
                      pictures=tmp_path / 'pictures')
    before, after = result.errors()
    assert after < 0.2 * before and not result.notes
    fitted = load_tracks(tmp_path / 'out.npz').tracks[0]
    assert np.allclose(fitted.transl[:, 0], 0.2, atol=0.05) and fitted.keypoints2d_skeleton == 'openpose25'
    assert sorted(path.name for path in (tmp_path / 'pictures').iterdir()) == ['fit.mp4', 'reprojection.png']


def test_keypoints_come_after_infill_and_are_never_interpolated(walking, config):
    track, points = walking
    config.track_pipeline.insert(0, dict(type='Infill'))
    found = KeypointFile('openpose25', {0: points[:1], 2: points[2:]})
    result = fit_tracks([track[[0, 2]]], found, build_fit_pipeline(config))
    assert result.tracks[0].frame_ids.tolist() == [0, 1, 2]
    assert not result.before[0].keypoints2d[1].any()
    assert any('frame 1: kept' in note for note in result.notes)


def test_another_body_goes_into_the_fit(tmp_path, config):
    with pytest.raises(FileNotFoundError, match='smpl.is.tue.mpg.de'):
        build_fit_pipeline(config, dict(type='SMPLBody', model_path=str(tmp_path)))


def test_mistakes(tmp_path, walking, config):
    track, points = walking
    save_tracks(tmp_path / 'in.npz', [track], SIZE, 25, 'clip.mp4')
    with pytest.raises(ValueError, match='written as .npz'):
        fit_file(tmp_path / 'in.npz', 'keypoints', tmp_path / 'out.json', config)
    with pytest.raises(FileNotFoundError, match='keypoints not found'):
        fit_file(tmp_path / 'in.npz', 'keypoints', tmp_path / 'out.npz', config)
    with pytest.raises(ValueError, match='--keypoint-checkpoint'):
        fit_file(tmp_path / 'in.npz', 'mmpose::x.py', tmp_path / 'out.npz', config)
    with pytest.raises(ValueError, match='this one has 2'):
        fit_tracks([], KeypointFile('coco17', {}), build_fit_pipeline(Config(dict(track_pipeline=[FIT, FIT]))))
    with pytest.raises(FileNotFoundError, match='config not found'):
        build_fit_pipeline('nowhere.py')


def test_nobody_to_fit(config):
    result = fit_tracks([], KeypointFile('coco17', {0: np.ones((1, 17, 3))}), build_fit_pipeline(config))
    assert result.tracks == [] and np.isnan(result.errors()).all()


def test_the_configs_that_the_inferencer_takes():
    assert all(fit_config(temporal).is_file() for temporal in (True, False))


@pytest.mark.slow
def test_a_model_of_mmpose_gives_cocos_joints(tmp_path, make_clip, make_track):
    from mmengine.hub import get_config
    from mmpose.models import build_pose_estimator

    from cliff_ext.apis import MMPoseKeypoints
    from cliff_ext.io import open_source
    name = 'mmpose::body_2d_keypoint/rtmpose/coco/rtmpose-t_8xb256-420e_coco-256x192.py'
    cfg = get_config(name)
    cfg.model.backbone.init_cfg = None
    from mmengine.registry import DefaultScope
    with DefaultScope.overwrite_default_scope('mmpose'):
        torch.save(build_pose_estimator(cfg.model).state_dict(), tmp_path / 'random.pth')
    with pytest.raises(FileNotFoundError, match='keypoint model not found'):
        MMPoseKeypoints('mmpose::nowhere.py', str(tmp_path / 'random.pth'))
    found = MMPoseKeypoints(name, str(tmp_path / 'random.pth')).estimate(
        open_source(make_clip(2, SIZE)), [make_track([0, 1], track_id=9), make_track([1], track_id=4)])
    assert found.skeleton == 'coco17' and found.image_size == SIZE
    assert found.frames[0].shape == (1, 17, 3) and found.ids[1].tolist() == [9, 4]
    assert (found.frames[1][..., 0] > -60).all() and (found.frames[1][..., 0] < 160).all()
    assert len(get_skeleton('coco17')) == 17
