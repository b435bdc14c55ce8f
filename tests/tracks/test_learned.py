import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope

from cliff_ext.io import CheckpointError
from cliff_ext.tracks import LearnedRefine

TINY = dict(type='SmoothNet', window_size=8, hidden_size=8, res_hidden_size=4, num_blocks=1)


@pytest.mark.parametrize('on', ['smpl', 'keypoints3d', 'keypoints2d'])
def test_a_network_that_changes_nothing_changes_nothing(moving, scaled, on):
    track = moving(range(11))
    refined = LearnedRefine(scaled(), on=on, path=None)(track)
    for name, value in track.rows().items():
        assert np.allclose(getattr(refined, name), value, atol=2e-4), name


def test_joints_are_refined_about_their_root_and_the_path_by_its_filter(moving, scaled):
    track = moving(range(30), noise=0.01)
    refined = LearnedRefine(scaled(0.5), on='keypoints3d', path=dict(type='Gaussian1D', sigma=3.))(track)
    rootless = track.keypoints3d - track.keypoints3d[:, :1]
    assert np.allclose(refined.keypoints3d - refined.keypoints3d[:, :1], 0.5 * rootless, atol=1e-5)
    jitter, before = (np.abs(np.diff(t.keypoints3d[:, 0], 2, 0)).mean() for t in (refined, track))
    assert jitter < 0.3 * before and np.array_equal(refined.body_pose, track.body_pose)


def test_smpl_stays_on_the_manifold_and_its_translation_is_refined(moving, scaled):
    track = moving(range(20), noise=0.01)
    refined = LearnedRefine(scaled(0.3))(track)
    assert np.allclose(refined.body_pose, track.body_pose, atol=1e-5)  # 6D forgets a common factor
    assert np.abs(np.diff(refined.transl, 2, 0)).mean() < 0.5 * np.abs(np.diff(track.transl, 2, 0)).mean()
    assert np.array_equal(refined.betas, track.betas) and np.array_equal(refined.bboxes, track.bboxes)


@pytest.mark.parametrize('count', [0, 1, 2, 7, 8, 9])
def test_any_length_and_gaps_cut_a_track(moving, scaled, count):
    network = scaled(window_size=8)
    refined = LearnedRefine(network, on='keypoints3d', path=None)(moving(range(count)))
    assert refined.frame_ids.tolist() == list(range(count)) and bool(network.seen) == (count > 1)
    network.seen.clear()
    LearnedRefine(network, on='keypoints3d')(moving([0, 1, 2, 10, 11, 30]))
    assert [shape[1] for shape in network.seen] == [8, 8]  # the lone last frame is not refined


def test_views_are_refined_together(moving, scaled):
    network = scaled(window_size=4)
    refine = LearnedRefine(network, on='keypoints3d', multi_view=True, path=None)
    views = [moving(range(9), 5, seed=i) for i in range(3)]
    other = moving(range(9), 6)
    out = refine.apply([views[0], other, views[1], views[2]])
    assert {shape[1:3] for shape in network.seen} == {(3, 4), (1, 4)} and [t.track_id for t in out] == [5, 6, 5, 5]
    assert np.allclose(out[2].keypoints3d, views[1].keypoints3d, atol=1e-5)
    with pytest.raises(ValueError, match=r'different frames \(9 and 8\)'):
        refine.apply([views[0], views[1][:8]])


def test_a_pose_of_another_kind_is_refused_by_name(moving, scaled):
    with pytest.raises(ValueError, match=r"51 numbers a frame on 'keypoints3d' \(h36m17\), but Scaled was built for 42"):
        LearnedRefine(scaled(in_channels=42), on='keypoints3d')(moving())
    with pytest.raises(ValueError, match='has no global_orient, body_pose'):
        LearnedRefine(scaled())(moving(global_orient=None, body_pose=None))
    with pytest.raises(ValueError, match='on must be one of smpl'):
        LearnedRefine(scaled(), on='mesh')


def test_networks_come_from_configs_and_files_with_their_weights(moving, tmp_path):
    from cliff_ext.registry import MODELS
    torch.manual_seed(0)
    network = MODELS.build(TINY)
    torch.save(dict(state_dict={k: v.half() for k, v in network.state_dict().items()}), tmp_path / 'w.pth')
    (tmp_path / 'c.py').write_text(f'model = {TINY}')
    track = moving(range(12))
    results = [LearnedRefine(model, str(tmp_path / 'w.pth'), 'keypoints3d', step=2)(track).keypoints3d
               for model in (TINY, str(tmp_path / 'c.py'))]
    assert np.array_equal(*results) and not np.allclose(results[0], track.keypoints3d)
    with DefaultScope.overwrite_default_scope('mmdet'):
        LearnedRefine(TINY, str(tmp_path / 'w.pth'))
    with pytest.raises(ValueError, match='needs a checkpoint'):
        LearnedRefine(TINY)
    with pytest.raises(FileNotFoundError, match='nowhere.pth.*convert_official'):
        LearnedRefine(TINY, 'nowhere.pth')
    with pytest.raises(FileNotFoundError, match='config of the network not found'):
        LearnedRefine('nowhere.py', str(tmp_path / 'w.pth'))
    with pytest.raises(CheckpointError, match='another model'):
        LearnedRefine({**TINY, 'window_size': 4}, str(tmp_path / 'w.pth'))
