"""The end of a video in mmdet's test loop: tracked bodies become people through time, refined and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from mmdet.evaluation import BaseVideoMetric
from mmdet.structures import DetDataSample
from mmengine.config import Config
from mmengine.registry import DefaultScope

from cliff_ext.apis.estimation import TrackRows
from cliff_ext.apis.paths import config_file
from cliff_ext.io import save_tracks
from cliff_ext.registry import METRICS
from cliff_ext.tracks import TrackPipeline

from .people import SMPL_SHAPES, TrackedPeople

FRAME_FOLDER = 'img1'
"""Where MOTChallenge keeps a video's frames."""


@dataclass
class _Video:
    """What is known of a video so far: the folder of its frames, their width and height, its people."""

    folder: Path
    image_size: tuple[int, int]
    rows: TrackRows = field(default_factory=TrackRows)

    @property
    def name(self) -> str:
        return self.folder.parent.name if self.folder.name == FRAME_FOLDER else self.folder.name


@METRICS.register_module()
class HumanTrackMetric(BaseVideoMetric):
    """Gathers what :class:`MeshTracker` predicts, and at the end of each video infills, refines and writes it.

    Stands beside mmdet's metrics in ``test_evaluator``, whose figures it does not change. Writes ``OUT_DIR/VIDEO.npz``, see
    :func:`cliff_ext.io.load_tracks`. Reports ``videos``, ``people``, their ``frames`` and how many of these were ``filled``.

    Args:
        out_dir: Where files go.
        track_pipeline: Configs of track transforms, as ``[dict(type='Infill'), ...]``, or a config file that has them;
            ``cliff_ext::FOLDER/FILE.py`` for one that ships.
        min_frames: People seen in fewer frames of a video are taken for false alarms and left out.
        fps: Frames a second, written into the files.
        device: For learned transforms, as torch's.
        collect_device: As mmdet's metrics.
        prefix: As mmdet's metrics.

    Raises:
        FileNotFoundError: No such config, or weights that it names.
        ValueError: A config file without ``track_pipeline``.
    """

    default_prefix = 'human-track'

    def __init__(self, out_dir: str, track_pipeline: Sequence[dict] | str = (), min_frames: int = 1,
                 fps: float | None = None, device: str = 'cpu', collect_device: str = 'cpu',
                 prefix: str | None = None) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        with DefaultScope.overwrite_default_scope('cliff_ext'):
            self.track_pipeline = TrackPipeline(_steps(track_pipeline)).to(device)
        self.out_dir = Path(out_dir)
        self.min_frames = min_frames
        self.fps = fps
        self.videos: dict[int, _Video] = {}

    def process_image(self, video_data_samples: Sequence[DetDataSample], video_len: int) -> None:
        """One frame of a video; the last one ends it."""
        sample = video_data_samples[0]
        self.add(sample)
        if sample.frame_id == video_len - 1:
            self.finish(sample.video_id)

    def process_video(self, video_data_samples: Sequence[DetDataSample]) -> None:
        """A whole video."""
        for sample in video_data_samples:
            self.add(sample)
        self.finish(video_data_samples[0].video_id)

    def add(self, sample: DetDataSample) -> None:
        """Takes in everybody with a body in a frame.

        Raises:
            ValueError: There are no bodies.
        """
        instances = sample.pred_track_instances
        missing = [name for name in SMPL_SHAPES if name not in instances]
        if missing:
            raise ValueError(f'HumanTrackMetric: pred_track_instances has no {", ".join(missing)}: wrap the tracker, '
                             "model=dict(type='cliff_ext.MeshTracker', mot=dict(type='ByteTrack', ...), ...)")
        size = sample.ori_shape[1::-1]
        video = self.videos.setdefault(sample.video_id, _Video(Path(sample.img_path).parent, size))
        people = TrackedPeople.of(instances)
        smpl = {name: instances[name].cpu().numpy() for name in SMPL_SHAPES}
        known = np.isfinite(smpl['transl']).all(1)
        here: set[int] = set()
        for i in np.argsort(-people.scores, kind='stable'):
            who = int(people.ids[i])
            if known[i] and who not in here:
                here.add(who)
                video.rows.add(sample.frame_id, who, people.bboxes[i], float(people.scores[i]), size,
                               {name: value[i] for name, value in smpl.items()})

    def finish(self, video_id: int) -> None:
        """Refines and writes a video's people."""
        video = self.videos.pop(video_id)
        video.rows.drop_brief(self.min_frames)
        tracks = self.track_pipeline(video.rows.tracks())
        name = video.name
        if any(done['name'] == name for done in self.results):
            name = f'{name}-{video_id}'
        self.out_dir.mkdir(parents=True, exist_ok=True)
        save_tracks(self.out_dir / f'{name}.npz', tracks, video.image_size, self.fps, str(video.folder))
        self.results.append(dict(name=name, people=len(tracks), frames=sum(map(len, tracks)),
                                 filled=sum(int(track.filled.sum()) for track in tracks)))

    def evaluate(self, size: int = 1) -> dict[str, float]:
        """Ends videos whose last frame was not among the data, and counts."""
        for video_id in list(self.videos):
            self.finish(video_id)
        return super().evaluate(size)

    def compute_metrics(self, results: Sequence[dict]) -> dict[str, float]:
        """Sums over all videos."""
        sums = {name: sum(done[name] for done in results) for name in ('people', 'frames', 'filled')}
        return dict(videos=len(results), **sums)


def _steps(track_pipeline: Sequence[dict] | str) -> Sequence[dict]:
    if not isinstance(track_pipeline, str):
        return track_pipeline
    steps = Config.fromfile(config_file(track_pipeline)).get('track_pipeline')
    if steps is None:
        raise ValueError(f"{track_pipeline} has no track_pipeline=[dict(type='Infill'), ...]")
    return steps
