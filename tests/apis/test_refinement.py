import numpy as np
import pytest
import torch
from mmengine.config import Config

from cliff_ext.apis import HumanMeshInferencer, build_track_pipeline, refine_file
from cliff_ext.io import load_object_arrays, load_tracks, save_cliff_npz, save_tracks
from cliff_ext.io.object_arrays import object_array
from cliff_ext.registry import MODELS


@pytest.fixture
def refine_config(tmp_path):
    """A config with infill and a tiny SmoothNet on what is asked for."""
    model = dict(type='SmoothNet', window_size=8, hidden_size=8, res_hidden_size=4, num_blocks=1)
    torch.manual_seed(0)
    torch.save(MODELS.build(model).state_dict(), tmp_path / 'w.pth')

    def make(on: str = 'keypoints3d', **changes) -> str:
        step = dict(type='LearnedRefine', model=model, checkpoint=str(tmp_path / 'w.pth'), on=on) | changes
        (tmp_path / f'{on}.py').write_text(f"track_pipeline = [dict(type='Infill', max_gap=3), {step}]")
        return str(tmp_path / f'{on}.py')

    return make


def write_motion(path, frames: int = 40) -> np.ndarray:
    joints = np.random.default_rng(0).normal(size=(frames, 17, 3)).astype(np.float32)
    joints[[0, 10, 11, 20, 21, 22, 23, 24], 5] = np.nan
    np.savez(path, joints_3d=joints, offsets=np.array([0, 30, frames]), names=np.array(['a', 'b']), fps=np.float32(30))
    return joints


def test_a_flat_file_is_filled_and_refined_and_says_what_it_did(tmp_path, refine_config):
    joints = write_motion(tmp_path / 'a.npz')
    report = refine_file(tmp_path / 'a.npz', tmp_path / 'b.npz', refine_config())
    assert (report.people, report.not_finite, report.filled, report.frames) == (2, 8, 2, 34) and report.seconds > 0
    assert [note.split(' ', 1)[1][:20] for note in report.notes] == [
        'of 40 rows are NaN o', 'gaps are still open:', 'rows that are not fi']
    with np.load(tmp_path / 'b.npz') as out:
        bad = [0, 20, 21, 22, 23, 24]
        assert np.array_equal(out['joints_3d'][bad], joints[bad], equal_nan=True)
        assert np.isfinite(np.delete(out['joints_3d'], bad, 0)).all() and out['fps'] == 30
        assert np.abs(np.delete(out['joints_3d'] - joints, [*bad, 10, 11], 0)).min(1).max() > 0


def test_a_file_may_be_refined_in_place_and_without_any_finite_row(tmp_path, refine_config):
    np.savez(tmp_path / 'a.npz', joints_3d=np.full((4, 17, 3), np.nan, np.float32), offsets=np.array([0, 4]))
    report = refine_file(tmp_path / 'a.npz', tmp_path / 'a.npz', refine_config())
    assert report.people == 0 and 'no row is finite' in ' '.join(report.notes)
    with np.load(tmp_path / 'a.npz') as out:
        assert np.isnan(out['joints_3d']).all()


def test_joints_beside_smpl_follow_the_pose_if_the_body_is_given(tmp_path, refine_config, make_track):
    track = make_track(range(12))
    save_cliff_npz(tmp_path / 'a.npz', [track], {i: f'{i}' for i in range(12)}, [np.zeros((12, 24, 3))])
    config = refine_config('smpl', path=None)
    note = refine_file(tmp_path / 'a.npz', tmp_path / 'b.npz', config).notes[0]
    assert note.startswith('keypoints3d lie beside what was refined') and '--body-model' in note
    assert not refine_file(tmp_path / 'a.npz', tmp_path / 'c.npz', config, body_model='open').notes
    with np.load(tmp_path / 'b.npz') as kept, np.load(tmp_path / 'c.npz') as posed:
        assert (kept['pred_joints'] == 0).all() and np.array_equal(kept['pose'], posed['pose'])
        assert np.allclose(np.diff(posed['pred_joints'][:, 0, 2]), 1, atol=1e-4)  # the person walks a metre a frame


def test_a_checkpoint_replaces_that_of_the_one_learned_step(tmp_path, refine_config):
    config = refine_config(checkpoint='nowhere.pth')
    with pytest.raises(FileNotFoundError, match='nowhere.pth'):
        build_track_pipeline(config)
    assert len(build_track_pipeline(config, str(tmp_path / 'w.pth'))) == 2
    (tmp_path / 'none.py').write_text("track_pipeline = [dict(type='Infill')]")
    with pytest.raises(ValueError, match='one learned step of a track_pipeline.*has 0'):
        build_track_pipeline(tmp_path / 'none.py', 'w.pth')


def test_a_training_config_refines_with_its_own_network(tmp_path, repo_root):
    config = Config.fromfile(repo_root / 'configs' / 'smoothnet' / 'smoothnet-32_pw3d-spin-3d.py')
    config.model.update(window_size=8, hidden_size=8)
    torch.save(MODELS.build(config.model).state_dict(), tmp_path / 'w.pth')
    write_motion(tmp_path / 'a.npz')
    assert refine_file(tmp_path / 'a.npz', tmp_path / 'b.npz', config, str(tmp_path / 'w.pth')).people == 2
    with pytest.raises(ValueError, match='needs a checkpoint'):
        build_track_pipeline(repo_root / 'configs' / 'smoothnet' / 'smoothnet-32_pw3d-spin-smpl.py')


def test_views_of_a_recording_are_refined_together(tmp_path, repo_root):
    config = Config.fromfile(repo_root / 'configs' / 'synsp' / 'synsp-8_mh36m-fcn-3d.py')
    config.model.update(embed_dims=16, head_dims=8, num_layers=1)
    torch.manual_seed(0)
    torch.save(MODELS.build(config.model).state_dict(), tmp_path / 'w.pth')
    rng = np.random.default_rng(0)
    joints = [rng.normal(size=(12, 51)) for _ in range(3)]
    names = [np.array([f'{scene}camera{view}/{t}.jpg' for t in range(12)]) for scene, view in (('a', 0), ('b', 0), ('a', 1))]
    np.savez(tmp_path / 'a.npz', joints_3d=object_array(joints), imgname=object_array(names))
    report = refine_file(tmp_path / 'a.npz', tmp_path / 'b.npz', config, str(tmp_path / 'w.pth'))
    np.savez(tmp_path / 'c.npz', joints_3d=object_array(joints[:2]), imgname=object_array(names[:2]))
    refine_file(tmp_path / 'c.npz', tmp_path / 'd.npz', config, str(tmp_path / 'w.pth'))
    both, alone = (load_object_arrays(tmp_path / name)['joints_3d'] for name in ('b.npz', 'd.npz'))
    assert report.people == 3 and np.allclose(both[1], alone[1], atol=1e-5)
    assert not np.allclose(both[0], alone[0], atol=1e-4)  # the other camera was looked at
    np.savez(tmp_path / 'e.npz', joints_3d=object_array([joints[0], joints[2][:9]]), imgname=object_array(names[::2]))
    with pytest.raises(ValueError, match=r'different frames \(12 and 9\)'):
        refine_file(tmp_path / 'e.npz', tmp_path / 'f.npz', config, str(tmp_path / 'w.pth'))


def test_bad_requests_say_so(tmp_path, refine_config):
    write_motion(tmp_path / 'a.npz')
    with pytest.raises(FileNotFoundError, match='config not found'):
        refine_file(tmp_path / 'a.npz', tmp_path / 'b.npz', 'nowhere.py')
    with pytest.raises(ValueError, match='written as .npz'):
        refine_file(tmp_path / 'a.npz', tmp_path / 'b.json', refine_config())
    (tmp_path / 'empty.py').write_text('track_pipeline = []')
    with pytest.raises(ValueError, match='has no track_pipeline'):
        refine_file(tmp_path / 'a.npz', tmp_path / 'b.npz', tmp_path / 'empty.py')
    with pytest.raises(ValueError, match='has no global_orient, body_pose'):
        refine_file(tmp_path / 'a.npz', tmp_path / 'b.npz', refine_config('smpl'))
    assert not (tmp_path / 'b.npz').exists()


def test_the_video_pipeline_fills_joins_and_refines(make_clip, config, walking, tmp_path, refine_config):
    for t in (3, 4):
        walking[t] = walking[t][1:]
    for t, boxes in walking.items():
        for box in boxes:
            box.append(7 if box[4] == 0.8 else 1 if t < 3 else 2)
    steps = Config.fromfile(refine_config('smpl')).track_pipeline
    options = dict(track_pipeline=[dict(type='JoinTracks', max_shape=9., max_distance=2.), *steps, dict(type='RobustBetas')])
    result = HumanMeshInferencer(config(walking, tmp_path), cfg_options=options)(make_clip(frames=8), tmp_path / 'out',
                                                                                progress=False)
    assert [(t.track_id, t.filled.tolist()) for t in result.tracks] == [
        (1, [False] * 3 + [True] * 2 + [False] * 3), (7, [False] * 8)]
    assert np.allclose(result.tracks[0].bboxes[3:5, 0], [16, 18], atol=1e-4)
    assert all((t.betas == t.betas[0]).all() for t in result.tracks)
    assert load_tracks(result.files['tracks']).tracks[0].filled.sum() == 2 and result.files['overlay'].is_file()


def test_images_are_not_taken_for_a_film(config, tmp_path, refine_config):
    import cv2
    folder = tmp_path / 'images'
    folder.mkdir()
    for i in range(3):
        cv2.imwrite(str(folder / f'{i}.png'), np.full((64, 96, 3), 90, np.uint8))
    options = dict(track_pipeline=[dict(type='JoinTracks', max_shape=9.)])
    result = HumanMeshInferencer(config({i: [[10, 10, 40, 60]] for i in range(3)}, tmp_path), cfg_options=options)(
        folder, progress=False)
    assert len(result.tracks) == 3


def test_saved_tracks_are_refined_by_the_tool(tmp_path, refine_config, make_track, repo_root):
    import subprocess
    import sys
    save_tracks(tmp_path / 'a.npz', [make_track((0, 1, 4, 5))], (96, 64), 25., 'clip.mp4')
    tool = [sys.executable, str(repo_root / 'tools' / 'refine.py')]
    run = subprocess.run([*tool, str(tmp_path / 'a.npz'), str(tmp_path / 'b.npz'), refine_config('smpl')],
                         capture_output=True, text=True, check=False)
    assert run.returncode == 0 and '1 people, 6 frames, 2 of them filled in' in run.stdout, run.stderr
    assert load_tracks(tmp_path / 'b.npz').tracks[0].filled.tolist() == [False, False, True, True, False, False]
    bad = subprocess.run([*tool, 'none.npz', str(tmp_path / 'b.npz'), refine_config('smpl')], capture_output=True, text=True,
                         check=False)
    assert bad.returncode == 1 and bad.stderr.startswith('error: pose file not found')
