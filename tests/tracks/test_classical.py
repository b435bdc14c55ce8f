import numpy as np
import pytest

from cliff_ext.registry import TRACK_TRANSFORMS
from cliff_ext.tracks import Gaussian1D, OneEuro, SavitzkyGolay

CONFIGS = [dict(type='SavitzkyGolay', window=9), dict(type='OneEuro'), dict(type='Gaussian1D', sigma=2.)]


@pytest.mark.parametrize('config', CONFIGS)
def test_pose_and_translation_are_filtered_and_all_else_is_kept(moving, config):
    track = moving(range(30), noise=0.01)
    smooth = TRACK_TRANSFORMS.build(config)(track)
    assert np.abs(np.diff(smooth.transl, 2, 0)).mean() < 0.7 * np.abs(np.diff(track.transl, 2, 0)).mean()
    for name in ('bboxes', 'scores', 'focal_length', 'filled', 'frame_ids'):
        assert np.array_equal(getattr(smooth, name), getattr(track, name)), name
    assert np.array_equal(smooth.keypoints2d[..., 2], track.keypoints2d[..., 2])
    turns = smooth.body_pose @ smooth.body_pose.swapaxes(-1, -2)
    assert np.abs(turns - np.eye(3)).max() < 1e-5


def test_a_filter_never_reaches_across_a_gap(moving):
    track = moving([*range(10), *range(40, 50)])
    jump = track.replace(transl=np.where(track.frame_ids[:, None] < 20, np.zeros(3), 5.))
    smooth = Gaussian1D(3.)(jump)
    assert np.allclose(smooth.transl, jump.transl) and np.array_equal(smooth.frame_ids, track.frame_ids)


@pytest.mark.parametrize('count', [0, 1, 2])
def test_short_tracks_pass(moving, count):
    track = moving(range(count))
    assert np.allclose(SavitzkyGolay()(track).transl, track.transl)


def test_only_the_wanted_fields(moving):
    track = moving(range(20), noise=0.01)
    smooth = OneEuro(fields=('transl', ))(track)
    assert np.array_equal(smooth.keypoints3d, track.keypoints3d) and not np.array_equal(smooth.transl, track.transl)
    assert SavitzkyGolay()(track.replace(keypoints3d=None, keypoints3d_skeleton=None)).keypoints3d is None


@pytest.mark.parametrize('config, message', [
    (dict(type='Gaussian1D', fields=('bboxes', )), 'cannot filter bboxes'), (dict(type='Gaussian1D', sigma=0), 'sigma > 0'),
    (dict(type='SavitzkyGolay', window=1), 'window >= 3'), (dict(type='OneEuro', min_cutoff=-1), 'min_cutoff > 0')])
def test_bad_settings_say_so(config, message):
    with pytest.raises(ValueError, match=message):
        TRACK_TRANSFORMS.build(config)
