"""Each layout is read, refined and written back with nothing lost."""

import numpy as np
import pytest

from cliff_ext.io import load_tracks, open_pose_file, save_cliff_npz, save_tracks
from cliff_ext.io.object_arrays import object_array
from cliff_ext.structures import HumanTrack
from cliff_ext.tracks import Infill


def bits(path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as data:
        return {key: data[key] for key in data.files}


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def write_flat(path, lengths=(5, 4), **changes) -> dict[str, np.ndarray]:
    count, rng = sum(lengths), np.random.default_rng(0)
    arrays = dict(joints_3d=rng.normal(size=(count, 17, 3)).astype(np.float32),
                  smpl_pose=(0.3 * rng.normal(size=(count, 72))).astype(np.float32),
                  root_trans=rng.normal(size=(count, 3)).astype(np.float32), offsets=np.cumsum([0, *lengths]),
                  names=np.array([f's{i}' for i in range(len(lengths))]), fps=np.float32(30), extra=np.arange(count))
    arrays |= changes
    np.savez(path, **arrays)
    return arrays


def write_tracks(path, tracks: list[HumanTrack]) -> None:
    save_tracks(path, tracks, (96, 64), 25., 'clip.mp4')


def write_cliff(path, tracks: list[HumanTrack]) -> None:
    rng = np.random.default_rng(1)
    save_cliff_npz(path, tracks, {i: f'f{i}.jpg' for i in range(30)}, [rng.normal(size=(len(t), 24, 3)) for t in tracks])


def write_smoothnet(path, lengths=(6, 3), **changes) -> None:
    rng = np.random.default_rng(2)
    arrays = dict(imgname=object_array([np.array([f'{i}/{t}.jpg' for t in range(n)]) for i, n in enumerate(lengths)]),
                  joints_3d=object_array([rng.normal(size=(n, 51)) for n in lengths]))
    np.savez(path, **{**arrays, **changes})


def moved(track: HumanTrack, by: float = 1.) -> HumanTrack:
    """The track with everything a refiner may change moved."""
    shift = {name: getattr(track, name) + by for name in ('transl', 'keypoints3d') if getattr(track, name) is not None}
    return track.replace(**shift)


@pytest.mark.parametrize('layout', ['tracks', 'cliff', 'flat', 'smoothnet'])
def test_what_nobody_touched_comes_back_bit_for_bit(tmp_path, make_track, layout):
    source, target = tmp_path / 'in.npz', tmp_path / 'out.npz'
    write = dict(flat=write_flat, smoothnet=write_smoothnet)
    people = [make_track((0, 1, 5), 3), make_track((0, 2), 7)]
    if layout in write:
        write[layout](source)
    else:
        dict(tracks=write_tracks, cliff=write_cliff)[layout](source, people)
    file = open_pose_file(source)
    assert len(file.tracks) == 2 and not file.notes
    file.save(target, file.tracks)
    before, after = (open_pose_file(path).arrays for path in (source, target))
    assert list(before) == list(after)
    for key, value in before.items():
        pairs = zip(value, after[key], strict=True) if isinstance(value, list) else [(value, after[key])]
        assert all(same(a, b) for a, b in pairs), key


def test_flat_layouts_stand_upright_in_the_camera_and_lie_back(tmp_path):
    arrays = write_flat(tmp_path / 'a.npz')
    file = open_pose_file(tmp_path / 'a.npz')
    track = file.tracks[1]
    assert track.keypoints3d_skeleton == 'h36m17' and track.frame_ids.tolist() == [0, 1, 2, 3]
    x, y, z = arrays['joints_3d'][5:].transpose(2, 0, 1)
    assert np.allclose(track.keypoints3d, np.stack([x, -z, y], -1))
    file.save(tmp_path / 'b.npz', [file.tracks[0], moved(track)])
    out = bits(tmp_path / 'b.npz')
    assert np.allclose(out['joints_3d'][5:], arrays['joints_3d'][5:] + [1, 1, -1], atol=1e-6)
    assert np.allclose(out['root_trans'][5:], arrays['root_trans'][5:] + [1, 1, -1], atol=1e-6)
    assert same(out['joints_3d'][:5], arrays['joints_3d'][:5]) and same(out['smpl_pose'], arrays['smpl_pose'])


def test_turning_the_body_writes_the_turned_pose(tmp_path):
    write_flat(tmp_path / 'a.npz')
    file = open_pose_file(tmp_path / 'a.npz')
    turned = [t.replace(global_orient=t.global_orient @ np.diag([-1., 1., -1.]).astype(np.float32)) for t in file.tracks]
    file.save(tmp_path / 'b.npz', turned)
    again = open_pose_file(tmp_path / 'b.npz').tracks
    assert all(np.allclose(a.global_orient, b.global_orient, atol=1e-5) for a, b in zip(again, turned, strict=True))
    assert all(np.allclose(a.body_pose, b.body_pose, atol=1e-5) for a, b in zip(again, turned, strict=True))


def test_rows_that_are_not_finite_are_gaps_counted_filled_or_left_as_they_were(tmp_path):
    joints = np.random.default_rng(0).normal(size=(9, 17, 3)).astype(np.float32)
    joints[[2, 5], 3, 1] = np.nan, np.inf
    arrays = write_flat(tmp_path / 'a.npz', joints_3d=joints)
    file = open_pose_file(tmp_path / 'a.npz')
    assert file.gaps == 2 and '2 of 9 rows are NaN or infinite' in file.notes[0]
    assert file.tracks[0].frame_ids.tolist() == [0, 1, 3, 4] and file.tracks[1].frame_ids.tolist() == [1, 2, 3]
    file.save(tmp_path / 'b.npz', [Infill()(track) for track in file.tracks])
    out = bits(tmp_path / 'b.npz')
    assert np.allclose(out['joints_3d'][2], (joints[1] + joints[3]) / 2, atol=1e-6)
    rest = [i for i in range(9) if i != 2]
    assert same(out['joints_3d'][rest], joints[rest]) and same(out['extra'], arrays['extra'])


def test_a_tracks_file_with_broken_rows_is_mended_where_it_can_be(tmp_path, make_track):
    write_tracks(tmp_path / 'a.npz', [make_track((0, 1, 2, 3, 4), 3)])
    arrays = bits(tmp_path / 'a.npz')
    arrays['betas'][[2, 4], 7] = np.nan, -np.inf
    np.savez(tmp_path / 'b.npz', **arrays)
    file = open_pose_file(tmp_path / 'b.npz')
    assert file.gaps == 2 and file.tracks[0].frame_ids.tolist() == [0, 1, 3]
    file.save(tmp_path / 'c.npz', [Infill()(track) for track in file.tracks])
    out = bits(tmp_path / 'c.npz')
    assert out['filled'].tolist() == [False, False, True, False, False] and np.isfinite(out['betas'][:4]).all()
    assert same(out['betas'][4], arrays['betas'][4]) and same(out['transl'][[0, 1, 3, 4]], arrays['transl'][[0, 1, 3, 4]])


def test_a_sequence_without_any_finite_row_is_kept(tmp_path):
    joints = np.zeros((9, 17, 3), np.float32)
    joints[5:] = np.nan
    write_flat(tmp_path / 'a.npz', joints_3d=joints)
    file = open_pose_file(tmp_path / 'a.npz')
    assert [track.track_id for track in file.tracks] == [0]
    file.save(tmp_path / 'b.npz', [moved(file.tracks[0])])
    out = bits(tmp_path / 'b.npz')
    assert same(out['joints_3d'][5:], joints[5:]) and out['joints_3d'][0, 0, 0] == 1 and len(out['extra']) == 9


def test_tracks_gain_rows_and_keep_what_they_do_not_know(tmp_path, make_track):
    write_tracks(tmp_path / 'a.npz', [make_track((0, 1, 4), 3), make_track((0, 2), 7)])
    arrays = bits(tmp_path / 'a.npz')
    arrays |= dict(colour=np.array(['red', 'green', 'blue', 'cyan', 'pink']), score2=np.arange(5.), note=np.array('mine'))
    np.savez(tmp_path / 'b.npz', **arrays)
    file = open_pose_file(tmp_path / 'b.npz')
    file.save(tmp_path / 'c.npz', [Infill()(track) for track in file.tracks])
    out, again = bits(tmp_path / 'c.npz'), load_tracks(tmp_path / 'c.npz')
    assert [t.frame_ids.tolist() for t in again.tracks] == [[0, 1, 2, 3, 4], [0, 1, 2]]
    assert again.tracks[0].filled.tolist() == [False, False, True, True, False]
    assert out['colour'].tolist() == ['red', 'green', '', '', 'blue', 'cyan', '', 'pink'] and str(out['note']) == 'mine'
    assert np.isnan(out['score2'][2]) and out['score2'][4] == 2


def test_joined_people_share_an_identity_and_keep_their_rows(tmp_path, make_track):
    write_tracks(tmp_path / 'a.npz', [make_track((0, 1), 3), make_track((0, 1), 4, bboxes=np.full((2, 4), 7.)),
                                      make_track((5, 6), 9)])
    arrays = bits(tmp_path / 'a.npz')
    np.savez(tmp_path / 'b.npz', **arrays, tag=np.arange(6))
    file = open_pose_file(tmp_path / 'b.npz')
    file.save(tmp_path / 'c.npz', [HumanTrack.concatenate([file.tracks[0], file.tracks[2]]), file.tracks[1]])
    out = bits(tmp_path / 'c.npz')
    assert out['track_ids'].tolist() == [3, 4] and out['tag'].tolist() == [0, 1, 4, 5, 2, 3]


def test_cliff_rows_may_be_unsorted_and_come_back_by_frame(tmp_path, make_track):
    write_cliff(tmp_path / 'a.npz', [make_track((0, 2, 3), 4), make_track((0, 1), 2)])
    arrays = bits(tmp_path / 'a.npz')
    order = np.random.default_rng(0).permutation(5)
    np.savez(tmp_path / 'b.npz', **{key: value[order] for key, value in arrays.items()})
    file = open_pose_file(tmp_path / 'b.npz')
    assert {t.track_id: t.frame_ids.tolist() for t in file.tracks} == {4: [0, 2, 3], 2: [0, 1]}
    assert file.notes == ['rows of 2 people were not in order of frames and were sorted']
    file.save(tmp_path / 'c.npz', [Infill()(track) for track in file.tracks])
    out = bits(tmp_path / 'c.npz')
    assert out['detection_all'][:, [0, 7]].tolist() == [[0, 2], [0, 4], [1, 2], [1, 4], [2, 4], [3, 4]]
    assert out['imgname'].tolist() == ['f0.jpg', 'f0.jpg', 'f1.jpg', 'f1.jpg', 'f2.jpg', 'f3.jpg']
    assert np.allclose(out['global_t'][3], [0, 0, 3.5]) and same(out['pose'][:3], arrays['pose'][:3])
    assert np.isfinite(out['pred_joints']).all() and out['pose'].shape == (6, 72)


def test_cliff_poses_may_be_matrices(tmp_path, make_track):
    write_cliff(tmp_path / 'a.npz', [make_track((0, 2), 4)])
    arrays = bits(tmp_path / 'a.npz')
    arrays['pose'] = np.tile(np.eye(3, dtype=np.float32), (2, 24, 1, 1))
    np.savez(tmp_path / 'b.npz', **arrays)
    file = open_pose_file(tmp_path / 'b.npz')
    file.save(tmp_path / 'c.npz', [Infill()(track) for track in file.tracks])
    assert np.allclose(bits(tmp_path / 'c.npz')['pose'], np.eye(3)) and len(bits(tmp_path / 'c.npz')['pose']) == 3


@pytest.mark.parametrize('name, key, width, skeleton', [
    ('pw3d_spin_3D_test', 'joints_3d', 51, 'h36m17'), ('mpiinf3dhp_spin_3D_test', 'joints_3d', 51, 'mpi3dhp17'),
    ('aist_vibe_3D_test', 'joints_3d', 42, 'lsp14'), ('jhmdb_simplepose_2D_test', 'joints_2d', 30, 'jhmdb15')])
def test_smoothnet_layouts_know_their_skeletons(tmp_path, name, key, width, skeleton):
    rows = [np.random.default_rng(n).normal(size=(n, width)) for n in (4, 2)]
    np.savez(tmp_path / f'{name}.npz', **{key: object_array(rows), 'imgshape': object_array([np.array([240., 320.])] * 2)})
    file = open_pose_file(tmp_path / f'{name}.npz')
    two = key == 'joints_2d'
    assert getattr(file.tracks[0], f'keypoints{"2d" if two else "3d"}_skeleton') == skeleton
    assert file.tracks[1].image_size == ((320, 240) if two else None)
    changed = [t.replace(keypoints2d=t.keypoints2d + 1) if two else moved(t) for t in file.tracks]
    file.save(tmp_path / 'out.npz', changed)
    out = open_pose_file(tmp_path / 'out.npz').arrays
    assert all(np.allclose(a, b + 1, atol=1e-5) and a.shape == b.shape for a, b in zip(out[key], rows, strict=True))


def test_smoothnet_smpl_and_equal_lengths(tmp_path):
    pose = 0.2 * np.random.default_rng(0).normal(size=(2, 4, 72))
    np.savez(tmp_path / 'a.npz', pose=pose, shape=np.zeros((2, 4, 10)), trans=np.ones((2, 4, 3)))
    file = open_pose_file(tmp_path / 'a.npz')
    assert file.tracks[1].body_pose.shape == (4, 23, 3, 3) and file.tracks[1].betas.shape == (4, 10)
    file.save(tmp_path / 'b.npz', [t.replace(betas=t.betas + 1) for t in file.tracks])
    out = bits(tmp_path / 'b.npz')
    assert same(out['pose'], pose) and (out['shape'] == 1).all() and out['trans'].shape == (2, 4, 3)


def test_bad_files_say_what_is_wrong(tmp_path, make_track):
    np.savez(tmp_path / 'a.npz', x=1)
    with pytest.raises(ValueError, match='none of the known layouts.*it holds x'):
        open_pose_file(tmp_path / 'a.npz')
    with pytest.raises(FileNotFoundError, match='pose file not found'):
        open_pose_file(tmp_path / 'none.npz')
    write_flat(tmp_path / 'b.npz', offsets=np.array([0, 5, 8]))
    with pytest.raises(ValueError, match='offsets must rise from 0 to 9'):
        open_pose_file(tmp_path / 'b.npz')
    write_flat(tmp_path / 'c.npz', smpl_pose=np.zeros((7, 72), np.float32), extra=np.zeros(9))
    with pytest.raises(ValueError, match='smpl_pose has 7 rows, expected 9'):
        open_pose_file(tmp_path / 'c.npz')
    write_flat(tmp_path / 'd.npz', joints_3d=np.zeros((9, 16, 3), np.float32))
    with pytest.raises(ValueError, match='no known skeleton for 16 joints; known: .*h36m17 \\(17\\)'):
        open_pose_file(tmp_path / 'd.npz')
    write_cliff(tmp_path / 'e.npz', [make_track((0, 1), 4)])
    arrays = bits(tmp_path / 'e.npz')
    arrays['detection_all'][1, 0] = 0
    np.savez(tmp_path / 'f.npz', **arrays)
    with pytest.raises(ValueError, match='person 4 has frame 0 more than once; keep one'):
        open_pose_file(tmp_path / 'f.npz')


def test_nobody_is_a_valid_file(tmp_path):
    write_tracks(tmp_path / 'a.npz', [])
    file = open_pose_file(tmp_path / 'a.npz')
    file.save(tmp_path / 'b.npz', file.tracks)
    assert file.tracks == [] and load_tracks(tmp_path / 'b.npz').tracks == []
