import json

import numpy as np
import pytest

from cliff_ext.io import load_keypoints, save_tracks


def person(count: int, value: float = 1.) -> list[float]:
    return [value] * 3 * count


def write(path, content):
    path.write_text(json.dumps(content))
    return path


def openpose(*people) -> dict:
    return dict(version=1.2, people=[dict(pose_keypoints_2d=list(p)) for p in people])


def test_a_folder_of_openpose(tmp_path):
    write(tmp_path / 'clip_000000000012_keypoints.json', openpose(person(25), person(25, 2.)))
    write(tmp_path / 'clip_000000000003_keypoints.json', openpose())
    found = load_keypoints(tmp_path)
    assert found.skeleton == 'openpose25' and list(found.frames) == [3, 12]
    assert found.frames[3].shape == (0, 25, 3) and found.frames[12].shape == (2, 25, 3)
    assert (found.frames[12][1] == 2).all()


def test_names_without_numbers_are_frames_in_order(tmp_path):
    for name in ('b', 'a'):
        write(tmp_path / f'{name}.json', openpose(person(25, ord(name))))
    assert [f[0, 0, 0] for f in load_keypoints(tmp_path).frames.values()] == [ord('a'), ord('b')]
    assert list(load_keypoints(tmp_path / 'b.json').frames) == [0]


def test_coco_results_and_annotations(tmp_path):
    entry = dict(image_id=4, keypoints=[1., 2., 1.] * 17)
    results = load_keypoints(write(tmp_path / 'r.json', [entry, entry]))
    assert results.skeleton == 'coco17' and results.frames[4].shape == (2, 17, 3)
    hidden = dict(image_id=4, keypoints=[1, 2, 0] + [1, 2, 2] * 16)
    marked = load_keypoints(write(tmp_path / 'a.json', dict(annotations=[hidden]))).frames[4]
    assert marked[0, :, 2].tolist() == [0] + [1] * 16


@pytest.mark.parametrize('count, skeleton', [(25, 'openpose25'), (49, 'spin49'), (14, 'lsp14')])
def test_an_npz_without_confidences(tmp_path, count, skeleton):
    np.savez(tmp_path / 'k.npz', keypoints2d=np.ones((3, count, 2)), image_size=[64, 48])
    found = load_keypoints(tmp_path / 'k.npz')
    assert found.skeleton == skeleton and list(found.frames) == [0, 1, 2] and found.image_size == (64, 48)
    assert (found.frames[1][..., 2] == 1).all() and found.ids is None


def test_seventeen_joints_need_a_name(tmp_path):
    np.savez(tmp_path / 'k.npz', keypoints2d=np.ones((1, 17, 3)))
    with pytest.raises(ValueError, match='coco17, h36m17'):
        load_keypoints(tmp_path / 'k.npz')
    assert load_keypoints(tmp_path / 'k.npz', 'h36m17').skeleton == 'h36m17'


def test_a_tracks_file_names_its_people(tmp_path, make_track):
    points = np.ones((3, 17, 3))
    tracks = [make_track(track_id=i, keypoints2d=points * i, keypoints2d_skeleton='coco17') for i in (5, 7)]
    save_tracks(tmp_path / 't.npz', tracks, (96, 64), 25, 'clip.mp4')
    found = load_keypoints(tmp_path / 't.npz')
    assert found.ids[1].tolist() == [5, 7] and found.frames[1][1].max() == 7


def test_what_is_not_finite_was_not_seen(tmp_path):
    points = np.ones((1, 25, 3))
    points[0, 3, 0], points[0, 4, 2] = np.nan, -1
    np.savez(tmp_path / 'k.npz', keypoints2d=points)
    found = load_keypoints(tmp_path / 'k.npz').frames[0]
    assert found[0, 3].tolist() == [0, 0, 0] and found[0, 4, 2] == 0


@pytest.mark.parametrize('content, message', [
    ('text', 'neither'), (openpose(person(18)), '54 numbers'), (dict(people='x'), 'not of OpenPose'),
    ([dict(image_id=1)], 'neither'),
    ([dict(image_id='a', keypoints=person(17))], 'frame number'), ([dict(image_id=1, keypoints=person(99))], '99 joints'),
])
def test_files_of_other_forms(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        load_keypoints(write(tmp_path / 'k.json', content))


def test_missing_and_broken_files(tmp_path):
    with pytest.raises(FileNotFoundError, match='not found'):
        load_keypoints(tmp_path / 'none.json')
    with pytest.raises(ValueError, match='no .json'):
        load_keypoints(tmp_path)
    (tmp_path / 'k.json').write_text('{')
    with pytest.raises(ValueError, match='not json'):
        load_keypoints(tmp_path / 'k.json')
    np.savez(tmp_path / 'k.npz', other=np.ones(3))
    with pytest.raises(ValueError, match='it holds other'):
        load_keypoints(tmp_path / 'k.npz')
    np.savez(tmp_path / 'k.npz', keypoints2d=np.ones((3, 25, 3)), frame_ids=[1, 2])
    with pytest.raises(ValueError, match='3 rows'):
        load_keypoints(tmp_path / 'k.npz')


def test_a_truncated_npz_is_named(tmp_path):
    np.savez(tmp_path / 'whole.npz', keypoints2d=np.zeros((2, 17, 3)))
    (tmp_path / 'cut.npz').write_bytes((tmp_path / 'whole.npz').read_bytes()[:200])
    with pytest.raises(ValueError, match='cut.npz cannot be read as npz'):
        load_keypoints(tmp_path / 'cut.npz', 'coco17')
