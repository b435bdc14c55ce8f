"""The RootNet and PoseNet that ship, on the demo clip at its true boxes."""

from itertools import combinations

import numpy as np
import pytest
import torch
from mmengine.config import Config

from cliff_ext.apis import RootPoseEstimator
from cliff_ext.io import load_tracks, open_source, resolve

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


def test_people_are_about_as_far_as_they_are_and_in_the_right_order(parts):
    truth = load_tracks(resolve('embedded:demo_clip_truth.npz', str)).tracks
    frames = {index: frame for index, _, frame in open_source(str(resolve('embedded:demo_clip.mp4', str)))}
    estimator = RootPoseEstimator(**parts)
    ratio, order = [], []
    for frame in FRAMES:
        here = [(track, int(np.flatnonzero(track.frame_ids == frame)[0])) for track in truth if frame in track.frame_ids]
        crops = [estimator.crop(frames[frame], track.bboxes[i], float(track.focal_length[i]), frame) for track, i in here]
        depth = np.array([sample.root_depth for sample in estimator(crops)])
        true_depth = np.array([track.transl[i, 2] for track, i in here])
        ratio += (depth / true_depth).tolist()
        order += [(depth[a] > depth[b]) == (true_depth[a] > true_depth[b]) for a, b in combinations(range(len(here)), 2)
                  if abs(true_depth[a] - true_depth[b]) > 0.5]
    assert len(ratio) >= 2 * len(FRAMES) and 0.85 < np.median(ratio) < 1.15 and np.abs(np.array(ratio) - 1).mean() < 0.2
    assert len(order) >= len(FRAMES) / 2 and np.mean(order) > 0.7
