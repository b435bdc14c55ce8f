"""The end of a video: people through time, infilled, refined, written."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmdet.structures import DetDataSample, TrackDataSample
from mmengine.registry import METRICS, DefaultScope
from mmengine.structures import InstanceData
from scipy.spatial.transform import Rotation

from cliff_ext.integrations.mmdet import HumanTrackMetric
from cliff_ext.io import load_tracks


def frame(number: int, people: dict[int, float], length: int = 6, video: str = 'walk/img1', video_id: int = 1):
    """A frame in which each person stands at a depth; NaN for no body."""
    count = len(people)
    depth = torch.tensor(list(people.values()))
    turn = torch.from_numpy(Rotation.from_euler('y', 10. * number, degrees=True).as_matrix()).float()
    fields = dict(global_orient=turn.expand(count, 3, 3), body_pose=torch.eye(3).expand(count, 23, 3, 3),
                  betas=torch.zeros(count, 10), transl=torch.stack([depth * 0, depth * 0, depth], 1),
                  focal_length=torch.full((count, ), 700.))
    fields = {name: torch.where(depth.isnan().view(-1, *[1] * (value.ndim - 1)), torch.nan, value)
              for name, value in fields.items()}
    sample = DetDataSample(metainfo=dict(
        img_path=f'data/{video}/{number + 1:06d}.jpg', ori_shape=(360, 640), frame_id=number, ori_video_length=length,
        video_id=video_id))
    sample.pred_track_instances = InstanceData(
        bboxes=torch.tensor([[10., 20., 60., 200.]]).repeat(count, 1), scores=torch.full((count, ), 0.9),
        labels=torch.zeros(count, dtype=torch.long), instances_id=torch.tensor(list(people)), **fields)
    return sample


def feed(metric: HumanTrackMetric, *samples: DetDataSample) -> None:
    """As a test loop does it, frame by frame."""
    for sample in samples:
        video = TrackDataSample()
        video.video_data_samples = [sample]
        metric.process({}, [video.to_dict()])


def build(out: Path, **options) -> HumanTrackMetric:
    with DefaultScope.overwrite_default_scope('mmdet'):
        return METRICS.build(dict(type='cliff_ext.HumanTrackMetric', out_dir=str(out), **options))


def test_a_gap_is_filled_at_the_end_of_the_video(tmp_path):
    metric = build(tmp_path / 'out', track_pipeline=[dict(type='Infill')], fps=25.)
    people = [{7: 4. + t} for t in range(6)]
    people[2] = {}
    feed(metric, *(frame(t, seen) for t, seen in enumerate(people[:5])))
    assert not list(tmp_path.iterdir()), 'the video has not ended'
    feed(metric, frame(5, people[5]))
    file = load_tracks(tmp_path / 'out/walk.npz')
    assert (file.image_size, file.fps, Path(file.source)) == ((640, 360), 25., Path('data/walk/img1'))
    track, = file.tracks
    assert track.track_id == 7
    assert track.frame_ids.tolist() == [0, 1, 2, 3, 4, 5]
    assert track.filled.tolist() == [False, False, True, False, False, False]
    assert track.transl[2].tolist() == pytest.approx([0, 0, 6])
    assert Rotation.from_matrix(track.global_orient[2]).as_euler('yxz', degrees=True)[0] == pytest.approx(20, abs=1e-3)
    assert metric.evaluate() == {'human-track/videos': 1, 'human-track/people': 1, 'human-track/frames': 6,
                                 'human-track/filled': 1}


def test_synsp_refines_by_the_config_that_ships(tmp_path):
    metric = build(tmp_path, track_pipeline='cliff_ext::video/demo.py')
    rng = np.random.default_rng(0)
    feed(metric, *(frame(t, {0: 4. + 0.1 * rng.normal()}, length=12) for t in range(12)))
    track, = load_tracks(tmp_path / 'walk.npz').tracks
    depth = track.transl[:, 2]
    assert 0 < np.abs(np.diff(depth, 2)).mean() < 0.05, 'the path is smoothed'
    assert not np.allclose(track.body_pose, np.eye(3), atol=1e-4), 'the network has seen the pose'


def test_people_without_a_body_and_passing_ones_are_left_out(tmp_path):
    metric = build(tmp_path, min_frames=3)
    feed(metric, *(frame(t, {1: 4., 2: np.nan, **({3: 5.} if t < 2 else {})}) for t in range(6)))
    assert [track.track_id for track in load_tracks(tmp_path / 'walk.npz').tracks] == [1]
    assert metric.evaluate()['human-track/frames'] == 6


def test_of_two_boxes_with_one_identity_the_better_one_counts(tmp_path):
    metric = build(tmp_path)
    double = frame(0, {1: 4., 2: 9.}, length=1)
    double.pred_track_instances.instances_id = torch.tensor([1, 1])
    double.pred_track_instances.scores = torch.tensor([0.5, 0.8])
    feed(metric, double)
    assert load_tracks(tmp_path / 'walk.npz').tracks[0].transl[:, 2].tolist() == [9.]


def test_two_videos_of_one_name_do_not_overwrite_each_other(tmp_path):
    metric = build(tmp_path)
    feed(metric, frame(0, {1: 4.}, 1, 'a/walk/img1', 1), frame(0, {1: 4., 2: 5.}, 1, 'b/walk/img1', 2),
         frame(0, {}, 1, 'b/run', 3))
    counts = {file.name: len(load_tracks(file).tracks) for file in tmp_path.iterdir()}
    assert counts == {'walk.npz': 1, 'walk-2.npz': 2, 'run.npz': 0}
    assert metric.evaluate()['human-track/people'] == 3


def test_a_video_whose_last_frame_is_missing_is_written_all_the_same(tmp_path):
    metric = build(tmp_path)
    feed(metric, frame(0, {1: 4.}), frame(1, {1: 4.}))
    assert metric.evaluate()['human-track/frames'] == 2
    assert (tmp_path / 'walk.npz').is_file()


def test_a_whole_video_at_once(tmp_path):
    metric = build(tmp_path)
    video = TrackDataSample()
    video.video_data_samples = [frame(t, {1: 4.}, length=3) for t in range(3)]
    metric.process({}, [video.to_dict()])
    assert len(load_tracks(tmp_path / 'walk.npz').tracks[0]) == 3


def test_a_tracker_without_bodies_is_told_to_be_wrapped(tmp_path):
    bare = frame(0, {1: 4.})
    del bare.pred_track_instances.betas
    with pytest.raises(ValueError, match=r"has no betas: wrap the tracker, model=dict\(type='cliff_ext.MeshTracker'"):
        feed(build(tmp_path), bare)


def test_a_config_without_track_pipeline_is_named(tmp_path):
    with pytest.raises(ValueError, match='has no track_pipeline'):
        build(tmp_path, track_pipeline='cliff_ext::cliff/cliff_res50_256x192.py')
