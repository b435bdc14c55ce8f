"""The RootNet and PoseNet that ship, on the demo clip at its true boxes."""

from itertools import combinations

import numpy as np
import pytest
import torch
from mmengine.config import Config

from cliff_ext.apis import RootPoseEstimator
from cliff_ext.body_models import SMPL
from cliff_ext.io import load_tracks, open_source, resolve
from cliff_ext.structures import get_skeleton, map_joints

MOST_BYTES = 15e6
FRAMES = range(0, 96, 16)


@pytest.fixture(scope='module')
def parts(repo_root) -> dict:
    return {name: part for name, part in Config.fromfile(repo_root / 'configs/video/demo_posenet.py').estimator.items()
            if name in ('root', 'pose', 'order')}


def test_they_are_half_precision_small_and_weights_alone(parts):
    files = [resolve(parts[name].checkpoint, str) for name in ('root', 'pose')]
    assert sum(file.stat().st_size for file in files) < MOST_BYTES
    for file in files:
        content = torch.load(file, weights_only=True)
        assert content.keys() == {'state_dict'}
        assert {value.dtype for value in content['state_dict'].values()} <= {torch.float16, torch.int64}


@pytest.fixture(scope='module')
def found(parts) -> list[list[tuple]]:
    """Of each of some frames the people: what is estimated at the true box, their track, and their row in it."""
    truth = load_tracks(resolve('embedded:demo_clip_truth.npz', str)).tracks
    frames = {index: frame for index, _, frame in open_source(str(resolve('embedded:demo_clip.mp4', str)))}
    estimator, found = RootPoseEstimator(**parts), []
    for frame in FRAMES:
        here = [(track, int(np.flatnonzero(track.frame_ids == frame)[0])) for track in truth if frame in track.frame_ids]
        crops = [estimator.crop(frames[frame], track.bboxes[i], float(track.focal_length[i]), frame) for track, i in here]
        found.append([(sample, *row) for sample, row in zip(estimator(crops), here, strict=True)])
    return found


def test_people_are_about_as_far_as_they_are_and_in_the_right_order(found):
    ratio, order = [], []
    for people in found:
        depth = np.array([sample.root_depth for sample, *_ in people])
        true_depth = np.array([track.transl[i, 2] for _, track, i in people])
        ratio += (depth / true_depth).tolist()
        order += [(depth[a] > depth[b]) == (true_depth[a] > true_depth[b]) for a, b in combinations(range(len(people)), 2)
                  if abs(true_depth[a] - true_depth[b]) > 0.5]
    assert len(ratio) >= 2 * len(FRAMES) and 0.85 < np.median(ratio) < 1.15 and np.abs(np.array(ratio) - 1).mean() < 0.2
    assert len(order) >= len(FRAMES) / 2 and np.mean(order) > 0.7


def test_joints_are_about_where_they_are(found):
    """Seen from the root."""
    body, errors = SMPL(), []
    for sample, track, i in (person for people in found for person in people):
        fields = (track.global_orient, track.body_pose, track.betas, track.transl)
        with torch.no_grad():
            joints = body(*(torch.from_numpy(values[i:i + 1]).float() for values in fields)).joints[0].numpy()
        true, known = map_joints(joints, 'spin49', 'h36m17')
        assert known.all() and get_skeleton('h36m17').index('pelvis') == 0
        joints = sample.pred_instances.keypoints3d[0].numpy()
        errors.append(np.linalg.norm((joints - joints[:1]) - (true - true[:1]), axis=1).mean())
    assert np.mean(errors) < 0.1
