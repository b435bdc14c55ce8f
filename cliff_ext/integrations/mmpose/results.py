"""A film's results from any of mmpose's inferencers, refined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from mmengine.structures import BaseDataElement

from .people import Person, from_dicts, from_instances, to_dicts, to_instances
from .refinement import Steps, build_steps, refine_people

Result = dict[str, Any]


def refine_results(results: Iterable[Result], track_pipeline: Steps, skeleton: str = 'coco17',
                   image_size: tuple[int, int] | None = None, device: str = 'cpu') -> list[Result]:
    """What mmpose's inferencer returned for a film, refined over time; all of it is read before any of it is returned.

    People are told apart by ``track_id`` (``track_ids`` of data samples), or where there is none by the overlap of their
    boxes. Frames in which somebody was missed get this person as the pipeline fills it in.

    Args:
        results: What ``Pose2DInferencer``, ``Pose3DInferencer`` or ``MMPoseInferencer`` yields, one dict a frame, with
            ``predictions``: dicts, or with ``return_datasamples=True`` a data sample.
        track_pipeline: As ``[dict(type='Infill'), dict(type='Gaussian1D', sigma=2.)]``, a config that has one, or a file.
        skeleton: Name of the keypoints' convention; see :func:`~.skeletons.skeleton_of`.
        image_size: Width and height, for steps that need it; data samples know it themselves.
        device: As torch's, for networks.

    Returns:
        New results of the same shape. People also have ``track_id`` and ``filled`` (``track_ids``, ``filled`` of data
        samples); ``visualization`` is the inferencer's, of what was not refined.

    Raises:
        ValueError: Not an inferencer's results, keypoints of another skeleton, or no means to tell people apart.
    """
    results = list(results)
    pipeline = build_steps(track_pipeline, device)
    frames = {frame: _read(result, frame) for frame, result in enumerate(results)}
    standing = _stand_on_floor(frames)
    frames = {frame: [_in_camera(person) for person in people] for frame, people in frames.items()}
    refined = refine_people(frames, pipeline, skeleton, image_size or _image_size(results))
    refined = {frame: [_in_lift(person, standing) for person in people] for frame, people in refined.items()}
    return [_written(result, refined[frame]) for frame, result in enumerate(results)]


def _read(result: Mapping[str, Any], frame: int) -> list[Person]:
    if not isinstance(result, Mapping) or not isinstance(result.get('predictions'), Sequence):
        raise ValueError(f"frame {frame}: a result of mmpose's inferencers is a dict with a list of predictions, got "
                         f'{type(result).__name__}')
    predictions = result['predictions']
    if len(predictions) > 1:
        raise ValueError(f'frame {frame}: one prediction a frame is wanted, got {len(predictions)}; leave '
                         'merge_results=True and batch_size=1')
    if not predictions:
        return []
    if isinstance(predictions[0], BaseDataElement):
        return from_instances(predictions[0].get('pred_instances'))
    return from_dicts(predictions[0])


def _written(result: Result, people: Sequence[Person]) -> Result:
    """A copy of a result with other people."""
    if not result['predictions']:
        return result
    if not isinstance(result['predictions'][0], BaseDataElement):
        return {**result, 'predictions': [to_dicts(people)]}
    sample = result['predictions'][0].new()
    sample.pred_instances = to_instances(people)
    return {**result, 'predictions': [sample]}


def _image_size(results: Sequence[Result]) -> tuple[int, int] | None:
    """Width and height that data samples tell."""
    samples = [sample for result in results for sample in result['predictions'] if isinstance(sample, BaseDataElement)]
    shapes = {tuple(sample.metainfo['ori_shape'][:2]) for sample in samples if 'ori_shape' in sample.metainfo}
    if len(shapes) != 1:
        return None
    height, width = shapes.pop()
    return int(width), int(height)


def _is_3d(person: Person) -> bool:
    return person.values['keypoints'].shape[-1] == 3


def _stand_on_floor(frames: Mapping[int, Sequence[Person]]) -> bool:
    """Whether 3D people have their lowest keypoint at height 0, as mmpose puts them unless told otherwise."""
    lowest = [person.values['keypoints'][:, 2].min() for people in frames.values() for person in people if _is_3d(person)]
    return bool(lowest) and not np.any(lowest)


def _in_camera(person: Person) -> Person:
    """3D keypoints in the camera's frame (y down); mmpose's inferencer turns them so that z is up."""
    if not _is_3d(person):
        return person
    x, y, z = np.moveaxis(person.values['keypoints'], -1, 0)
    return person.replace(values={**person.values, 'keypoints': np.stack([-x, -z, y], -1)})


def _in_lift(person: Person, standing: bool) -> Person:
    """Inverse of :func:`_in_camera`; brought to the floor where all were."""
    if not _is_3d(person):
        return person
    x, y, z = np.moveaxis(person.values['keypoints'], -1, 0)
    points = np.stack([-x, z, -y], -1)
    if standing:
        points[:, 2] -= points[:, 2].min()
    return person.replace(values={**person.values, 'keypoints': points})
