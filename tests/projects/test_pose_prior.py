"""How the pose prior that ships is learned."""

import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / 'projects' / 'pose_prior'


@pytest.fixture(scope='module')
def learn():
    sys.path.insert(0, str(FOLDER))
    try:
        import learn
        return learn
    finally:
        sys.path.remove(str(FOLDER))


def test_the_mirror_exchanges_left_and_right(learn):
    pose = np.zeros((1, 69))
    pose[0, 45:48] = [0.1, 0.2, -0.9]  # left shoulder
    mirrored = learn.mirror(pose)
    assert mirrored[0, 48:51].tolist() == [0.1, -0.2, 0.9] and not mirrored[0, :48].any()
    assert np.array_equal(learn.mirror(mirrored), pose)


def test_clouds_are_found_again(learn):
    rng = np.random.default_rng(1)
    points = np.concatenate([rng.normal([0, 0], 0.3, (300, 2)), rng.normal([5, 1], [1., 0.2], (100, 2))])
    found = learn.learn_mixture(points, 2, iterations=30, blur=0.)
    order = np.argsort(found['means'][:, 0])
    assert np.allclose(found['means'][order], [points[:300].mean(0), points[300:].mean(0)], atol=0.05)
    assert np.allclose(found['weights'][order], [0.75, 0.25], atol=0.02)
    assert np.allclose(np.sqrt(found['covars'][order[1]].diagonal()), points[300:].std(0), atol=0.05)


def test_what_never_moves_is_not_forbidden_to_move(learn):
    points = np.zeros((20, 3))
    points[:, 0] = np.linspace(-1, 1, 20)
    assert learn.learn_mixture(points, 1, iterations=2)['covars'][0, 2, 2] == pytest.approx(learn.BLUR**2)


def test_the_archive_gives_poses_and_their_mirror_images(learn, tmp_path):
    np.savez(tmp_path / 'a.npz', smpl_pose=np.ones((8, 72)))
    assert learn.load_poses(tmp_path / 'a.npz', every=4).shape == (4, 69)
