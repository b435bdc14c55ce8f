"""mmtrack 1.x's names and arguments that mmdet changed when it took the trackers over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmdet import registry as mmdet

from .registry import ALIASES

MODELS, DATASETS, METRICS = (ALIASES[name] for name in ('MODELS', 'DATASETS', 'METRICS'))
SAMPLING = ('ref_img_sampler', 'key_img_sampler', 'load_as_video', 'detection_file')
"""Arguments of data sets that samplers and transforms took over."""
PACKING = ('pack_single_img', 'ref_prefix', 'num_key_frames')
"""Arguments of ``PackTrackInputs`` that went."""


def _tracker_with_motion(name: str, older: str = 'motion') -> None:
    """A model whose motion model stood beside the tracker and now stands in it."""

    def build(tracker: dict, **others: Any) -> Any:
        motion = others.pop(older, None)
        return mmdet.MODELS.build(dict(type=f'mmdet.{name}', tracker=_with(tracker, motion=motion), **others))

    MODELS.register_module(name, module=build)


def _with(config: dict, **more: Any) -> dict:
    """A copy of a config with the arguments that are not None."""
    return {**config, **{name: value for name, value in more.items() if value is not None}}


_tracker_with_motion('ByteTrack')
_tracker_with_motion('DeepSORT')
_tracker_with_motion('StrongSORT', 'kalman')


@MODELS.register_module('L2Loss')
def margin_l2_loss(**options: Any) -> Any:
    """The loss with margins of QDTrack's embeddings."""
    return mmdet.MODELS.build(dict(type='mmdet.MarginL2Loss', **options))


@ALIASES['DATA_SAMPLERS'].register_module('VideoSampler')
def track_img_sampler(**options: Any) -> Any:
    """Frames of a video in order, a video on one device."""
    return mmdet.DATA_SAMPLERS.build(dict(type='mmdet.TrackImgSampler', **options))


@ALIASES['TRANSFORMS'].register_module('LoadTrackAnnotations')
def load_track_annotations(with_instance_id: bool = True, **options: Any) -> Any:
    """Boxes with identities, which mmdet always reads."""
    return mmdet.TRANSFORMS.build(dict(type='mmdet.LoadTrackAnnotations', **options))


@METRICS.register_module('MOTChallengeMetrics')
def mot_challenge_metric(**options: Any) -> Any:
    """HOTA, CLEAR and identity figures."""
    return mmdet.METRICS.build(dict(type='mmdet.MOTChallengeMetric', **options))


@DATASETS.register_module('MOTChallengeDataset')
def mot_challenge_dataset(pipeline: Sequence[dict], test_mode: bool = False, metainfo: dict | None = None,
                          **options: Any) -> Any:
    """Videos to test on; the pipeline gets the form that mmdet wants.

    Raises:
        NotImplementedError: Data to train on.
    """
    if not test_mode:
        raise NotImplementedError("mmtrack's MOTChallengeDataset for training (ref_img_sampler) has no like in mmdet: "
                                  "write train_dataloader as mmdet's configs/qdtrack or configs/bytetrack do; testing runs "
                                  'as it is')
    options = {name: value for name, value in options.items() if name not in SAMPLING}
    if metainfo is not None:
        options['metainfo'] = {name.lower(): value for name, value in metainfo.items()}
    return mmdet.DATASETS.build(dict(type='mmdet.MOTChallengeDataset', pipeline=frame_pipeline(pipeline), test_mode=True,
                                     **options))


def frame_pipeline(steps: Sequence[dict]) -> list[dict]:
    """A test pipeline of mmtrack 1.x, which saw one frame, as mmdet's, which sees a list of frames."""
    *before, last = steps
    last = {name: value for name, value in last.items() if name not in PACKING}
    if any(step['type'].rpartition('.')[2] == 'TransformBroadcaster' for step in before):
        return [*before, last]
    return [dict(type='TransformBroadcaster', transforms=before), last]
