import av
import cv2
import numpy as np
import pytest
from mmengine.registry import DefaultScope

from cliff_ext.apis import HumanMeshInferencer, InferenceError
from cliff_ext.io import CheckpointError, MediaError, load_tracks


def test_two_people_through_a_video(make_clip, config, walking, tmp_path):
    clip = make_clip(frames=8)
    result = HumanMeshInferencer(config(walking, tmp_path))(clip, tmp_path / 'out', ['overlay', 'side', 'boxes'],
                                                            ['tracks', 'cliff'], progress=False)
    assert [len(track) for track in result.tracks] == [8, 8] and result.num_frames == 8 and not result.problems
    saved = load_tracks(tmp_path / 'out' / 'tracks.npz')
    assert np.allclose(saved.tracks[0].bboxes[3], [16, 8, 36, 60]) and saved.fps == 25.
    assert saved.tracks[0].transl[:, 2].min() > 0
    for kind in ('overlay', 'side', 'boxes'):
        with av.open(str(result.files[kind])) as video:
            assert video.streams.video[0].frames == 8 and video.streams.video[0].codec_context.name == 'h264'
    assert set(result.seconds) >= {'detection', 'tracking', 'crops', 'estimation', 'drawing'}


def test_batch_size_and_buffering_do_not_change_results(make_clip, config, walking, tmp_path):
    clip = make_clip(frames=8)
    one, many = (HumanMeshInferencer(config(walking, tmp_path), cfg_options={'estimator.batch_size': b, 'frame_batch': f})(
        clip, progress=False) for b, f in ((1, 1), (16, 5)))
    for a, b in zip(one.tracks, many.tracks, strict=True):
        assert np.array_equal(a.frame_ids, b.frame_ids) and np.allclose(a.transl, b.transl, rtol=1e-3)


def test_frames_without_people_and_a_person_in_one_frame(make_clip, config, tmp_path):
    result = HumanMeshInferencer(config({3: [[10, 10, 40, 60, 0.9]]}, tmp_path))(make_clip(frames=6), tmp_path / 'o',
                                                                               progress=False)
    assert [track.frame_ids.tolist() for track in result.tracks] == [[3]]
    nobody = HumanMeshInferencer(config({}, tmp_path))(make_clip(frames=3), tmp_path / 'n', ['overlay', 'side', 'boxes'],
                                                       progress=False)
    assert nobody.tracks == [] and load_tracks(nobody.files['tracks']).tracks == [] and nobody.files['overlay'].is_file()


def test_useless_boxes_are_dropped_and_named(make_clip, config, tmp_path):
    boxes = {0: [[10, 10, 40, 60, 0.9], [None, 5, 9, 9, 0.9], [500, 500, 600, 700, 0.9], [-20, -20, 30, 50, 0.9]]}
    result = HumanMeshInferencer(config(boxes, tmp_path))(make_clip(frames=1), progress=False)
    assert len(result.tracks) == 2 and 'frame 0: 2 boxes were NaN, empty or outside' in result.problems[0]
    assert min(track.bboxes.min() for track in result.tracks) == 0


def test_thirty_people(make_clip, config, tmp_path):
    row = [[3 * i, 5, 3 * i + 8, 60, 0.9, i] for i in range(30)]
    result = HumanMeshInferencer(config({0: row, 1: row}, tmp_path))(make_clip(frames=2), progress=False)
    assert [track.track_id for track in result.tracks] == list(range(30)) and all(len(t) == 2 for t in result.tracks)


def test_single_follows_one_person(make_clip, config, walking, tmp_path):
    for t in (4, 5):
        walking[t][1][4] = 0.99  # the other one is more confident for a while
    result = HumanMeshInferencer(config(walking, tmp_path), single=True)(make_clip(frames=8), progress=False)
    assert len(result.tracks) == 1 and np.allclose(np.diff(result.tracks[0].bboxes[:, 0]), 2)


def test_folder_with_a_broken_image_goes_on(config, tmp_path):
    folder = tmp_path / 'images'
    folder.mkdir()
    for i in range(3):
        cv2.imwrite(str(folder / f'{i}.png'), np.full((64, 96, 3), 90, np.uint8))
    (folder / '1.png').write_text('no picture')
    boxes = {i: [[10, 10, 40, 60]] for i in range(3)}
    result = HumanMeshInferencer(config(boxes, tmp_path))(folder, tmp_path / 'out', ['overlay'], progress=False)
    assert [track.frame_ids.tolist() for track in result.tracks] == [[0], [2]]
    assert '1.png is not a readable image' in result.problems[0]
    assert sorted(p.name for p in result.files['overlay'].iterdir()) == ['0.png', '2.png']


def test_a_truncated_video_keeps_its_people(make_clip, config, tmp_path):
    clip = make_clip(frames=200, size=(320, 240))
    clip.write_bytes(clip.read_bytes()[:clip.stat().st_size // 2])
    boxes = {i: [[10, 10, 100, 200]] for i in range(200)}
    result = HumanMeshInferencer(config(boxes, tmp_path))(clip, tmp_path / 'out', [], progress=False)
    assert 0 < len(result.tracks[0]) < 200 and 'breaks off' in result.problems[-1]


def test_missing_and_foreign_weights_say_so(config, tmp_path, tiny, repo_root):
    with pytest.raises(FileNotFoundError, match='nowhere.pth.*convert_official'):
        HumanMeshInferencer(config({}, tmp_path), checkpoint='nowhere.pth')
    cfg = config({}, tmp_path)
    cfg.estimator.config = str(repo_root / 'configs' / 'cliff' / 'cliff_res50_256x192.py')
    with pytest.raises(CheckpointError, match='another model'):
        HumanMeshInferencer(cfg)
    with pytest.raises(FileNotFoundError, match='smpl.is.tue.mpg.de'):
        HumanMeshInferencer(config({}, tmp_path), cfg_options={'body_model.model_path': str(tmp_path / 'smpl')})
    with pytest.raises(FileNotFoundError, match='config not found'):
        HumanMeshInferencer('nowhere.py')


def test_bad_inputs_say_so(config, tmp_path):
    inferencer = HumanMeshInferencer(config({}, tmp_path))
    with pytest.raises(MediaError, match='no such file'):
        inferencer(tmp_path / 'none.mp4', progress=False)
    (tmp_path / 'a.mp4').write_text('hello')
    with pytest.raises(MediaError, match='not a video'):
        inferencer(tmp_path / 'a.mp4', progress=False)
    with pytest.raises(ValueError, match='unknown pictures'):
        inferencer(tmp_path / 'a.mp4', render=['xray'])


@pytest.mark.parametrize('stop', [KeyboardInterrupt(), RuntimeError('out of memory')])
def test_what_was_computed_before_a_stop_is_kept(make_clip, config, walking, tmp_path, stop):
    inferencer = HumanMeshInferencer(config(walking, tmp_path), cfg_options={'frame_batch': 2})
    boxes = inferencer.detector

    def breaks_at_four(first, frames):
        if first >= 4:
            raise stop
        return boxes(first, frames)

    inferencer.detector = breaks_at_four
    result = inferencer(make_clip(frames=8), tmp_path / 'out', progress=False)
    assert not result.complete and f'stopped after 4 frames by {type(stop).__name__}' in result.problems[0]
    assert [len(track) for track in load_tracks(tmp_path / 'out' / 'tracks.npz').tracks] == [4, 4]
    assert set(result.files) == {'tracks'}


def test_a_failure_before_anything_was_found_is_raised(make_clip, config, tmp_path):
    inferencer = HumanMeshInferencer(config({}, tmp_path))
    inferencer.detector = lambda first, frames: (_ for _ in ()).throw(RuntimeError('torn'))
    with pytest.raises(RuntimeError, match='torn'):
        inferencer(make_clip(frames=2), progress=False)


def test_tracks_outlive_a_failure_to_draw(make_clip, config, walking, tmp_path, monkeypatch):
    def full(*args):
        raise OSError('disk full')

    monkeypatch.setattr('cliff_ext.apis.inferencer.draw_tracks', full)
    result = HumanMeshInferencer(config(walking, tmp_path))(make_clip(frames=3), tmp_path / 'out', progress=False)
    assert set(result.files) == {'tracks'} and 'overlay, side was stopped by OSError: disk full' in result.problems[0]


def test_passing_false_alarms_are_named_and_given_boxes_never_doubted(make_clip, config, walking, tmp_path):
    walking[0].append([2, 2, 8, 20, 0.95])
    cfg = config(walking, tmp_path)
    cfg.min_frames = 5
    clip = make_clip(frames=8)
    assert len(HumanMeshInferencer(cfg)(clip, progress=False).tracks) == 3
    inferencer = HumanMeshInferencer(cfg)
    inferencer.cfg.detector.type = 'MMDetDetector'
    result = inferencer(clip, progress=False)
    assert len(result.tracks) == 2 and '1 people seen in fewer than 5 frames' in result.problems[0]


def test_images_of_several_sizes_keep_their_own(config, tmp_path):
    (tmp_path / 'images').mkdir()
    for i, size in enumerate([(64, 96), (80, 50)]):
        cv2.imwrite(str(tmp_path / 'images' / f'{i}.png'), np.full((*size, 3), 90, np.uint8))
    boxes = {i: [[10, 10, 40, 60]] for i in range(2)}
    result = HumanMeshInferencer(config(boxes, tmp_path))(tmp_path / 'images', tmp_path / 'out', ['overlay', 'side'],
                                                          progress=False)
    assert [track.image_size for track in result.tracks] == [(96, 64), (50, 80)]
    assert 'differ in size' in result.problems[0] and set(result.files) == {'tracks', 'overlay', 'side'}


def test_a_device_that_is_not_there_says_so(config, tmp_path):
    with pytest.raises(InferenceError, match='--device cpu'):
        HumanMeshInferencer(config({}, tmp_path), device='xpu:9')


def test_another_default_scope_changes_nothing(make_clip, config, walking, tmp_path):
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        result = HumanMeshInferencer(config(walking, tmp_path))(make_clip(frames=8), tmp_path / 'out', progress=False)
    assert [len(track) for track in result.tracks] == [8, 8]
