import numpy as np
import pytest

from cliff_ext.io import atomic_path, load_tracks, save_cliff_npz, save_tracks


def test_tracks_there_and_back(tmp_path, make_track):
    tracks = [make_track((0, 1, 5), 3), make_track((2, 3), 7)]
    save_tracks(tmp_path / 't.npz', tracks, (96, 64), 25., 'clip.mp4')
    with np.load(tmp_path / 't.npz', allow_pickle=False) as data:
        assert data['offsets'].tolist() == [0, 3, 5] and data['track_ids'].tolist() == [3, 7]
        assert data['frame_ids'].tolist() == [0, 1, 5, 2, 3] and data['body_pose'].shape == (5, 23, 3, 3)
    file = load_tracks(tmp_path / 't.npz')
    assert (file.image_size, file.fps, file.source) == ((96, 64), 25., 'clip.mp4')
    for ours, theirs in zip(file.tracks, tracks, strict=True):
        assert ours.track_id == theirs.track_id
        for name, value in theirs.rows().items():
            assert (value is None and getattr(ours, name) is None) or np.array_equal(getattr(ours, name), value), name


def test_nobody_is_a_valid_file(tmp_path):
    save_tracks(tmp_path / 't.npz', [], (96, 64), None, 'a.jpg')
    assert load_tracks(tmp_path / 't.npz').tracks == []
    with np.load(tmp_path / 't.npz', allow_pickle=False) as data:
        assert data['body_pose'].shape == (0, 23, 3, 3)


def test_keypoints_keep_their_skeleton(tmp_path, make_track):
    track = make_track(keypoints3d=np.ones((3, 24, 3)), keypoints3d_skeleton='smpl24')
    save_tracks(tmp_path / 't.npz', [track], (96, 64), 25., '')
    assert load_tracks(tmp_path / 't.npz').tracks[0].keypoints3d_skeleton == 'smpl24'


def test_foreign_files_are_refused(tmp_path, make_track):
    np.savez(tmp_path / 'a.npz', x=1)
    with pytest.raises(ValueError, match='has no offsets'):
        load_tracks(tmp_path / 'a.npz')
    (tmp_path / 'b.npz').write_text('hello')
    with pytest.raises(ValueError, match='cannot be read'):
        load_tracks(tmp_path / 'b.npz')
    with pytest.raises(FileNotFoundError):
        load_tracks(tmp_path / 'c.npz')
    with pytest.raises(ValueError, match='only some of the tracks have betas'):
        save_tracks(tmp_path / 'd.npz', [make_track(), make_track(betas=None)], (96, 64), 25., '')
    assert not (tmp_path / 'd.npz').exists()


def test_cliff_npz_has_the_demo_keys_in_order_of_frames(tmp_path, make_track):
    tracks = [make_track((0, 2), 4), make_track((0, 1), 2)]
    save_cliff_npz(tmp_path / 'c.npz', tracks, {i: f'f{i}.jpg' for i in range(3)}, [np.zeros((2, 24, 3))] * 2)
    with np.load(tmp_path / 'c.npz', allow_pickle=False) as data:
        assert data['imgname'].tolist() == ['f0.jpg', 'f0.jpg', 'f1.jpg', 'f2.jpg']
        assert data['detection_all'][:, 7].tolist() == [2, 4, 2, 4]
        assert data['pose'].shape == (4, 72) and abs(np.linalg.norm(data['pose'][0, :3]) - np.pi) < 1e-5
        assert data['pred_joints'].shape == (4, 24, 3) and data['global_t'][:, 2].tolist() == [3, 3, 4, 4]


def test_atomic_path_keeps_the_old_file_on_an_error(tmp_path):
    (tmp_path / 'a.txt').write_text('old')
    with pytest.raises(RuntimeError), atomic_path(tmp_path / 'a.txt') as temporary:
        temporary.write_text('half')
        raise RuntimeError
    assert (tmp_path / 'a.txt').read_text() == 'old' and len(list(tmp_path.iterdir())) == 1


def test_a_truncated_file_is_named(tmp_path):
    save_tracks(tmp_path / 'a.npz', [], (64, 48), 25., 'a.mp4')
    whole = (tmp_path / 'a.npz').read_bytes()
    (tmp_path / 'a.npz').write_bytes(whole[:200])
    with pytest.raises(ValueError, match='a.npz cannot be read as npz'):
        load_tracks(tmp_path / 'a.npz')
