import numpy as np
import pytest

from cliff_ext.tracks import REPRESENTATIONS, root_joints


@pytest.mark.parametrize('name, channels', [('smpl', 144), ('keypoints3d', 51), ('keypoints2d', 34)])
def test_there_and_back(moving, name, channels):
    track, way = moving(range(5)), REPRESENTATIONS[name]
    values = way.encode(track)
    assert values.shape == (5, channels) and values.dtype == np.float32
    back = way.decode(track, values, way.path(track))
    for field, value in track.rows().items():
        assert np.allclose(getattr(back, field), value, atol=2e-4), field


def test_joints_are_seen_from_the_root_and_the_path_moves_them(moving):
    track, way = moving(range(5)), REPRESENTATIONS['keypoints3d']
    assert np.abs(way.encode(track)[:, :3]).max() < 1e-6
    moved = way.decode(track, way.encode(track), way.path(track) + 1)
    assert np.allclose(moved.keypoints3d, track.keypoints3d + 1, atol=1e-5)


def test_image_joints_are_centred_and_scaled_by_the_longer_side(moving):
    track = moving(range(2), keypoints2d=np.tile([[[640., 480., 1.]]], (2, 17, 1)))
    values = REPRESENTATIONS['keypoints2d'].encode(track)
    assert np.allclose(values[0, :2], [1., 0.75])


def test_roots_by_name():
    assert root_joints('h36m17') == [0] and root_joints('mpi3dhp17') == [14] and root_joints('smpl24') == [0]
    assert sorted(root_joints('lsp14')) == [2, 3] and sorted(root_joints('jhmdb15')) == [5, 6]
