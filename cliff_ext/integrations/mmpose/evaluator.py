"""mmpose's metrics of refined videos: a track pipeline between the model and the metrics."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dist import get_world_size
from mmengine.evaluator import Evaluator
from mmengine.structures import BaseDataElement

from cliff_ext.registry import EVALUATORS

from .people import Person, from_instances
from .refinement import Steps, build_steps, refine_people
from .skeletons import skeleton_of

NUMBER = re.compile(r'(.*?)(\d+)')
LIGHT = ('gt_instances', 'pred_instances')
"""What is kept of a data sample until its film is complete; heat maps are not."""


@EVALUATORS.register_module()
class RefinedEvaluator(Evaluator):
    """MMEngine's ``Evaluator`` that refines what a pose estimator predicted, film by film, before its metrics see it.

    Films are told apart and put in order by the images' paths: one film's frames lie in one folder (or have names that
    begin alike) and end in their number. Where an annotation has a ``track_id``, as PoseTrack's have, it says who is who;
    else boxes that overlap do. The metrics judge who was annotated, so people whom the pipeline fills in elsewhere are left
    out.

    Args:
        metrics: As MMEngine's.
        track_pipeline: As ``[dict(type='Gaussian1D', sigma=2.)]``, a config that has one, or a file.
        skeleton: Name of the keypoints' convention; by default what the data set says.
        device: As torch's, for networks.

    Example:
        >>> test_evaluator = dict(
        ...     type='cliff_ext.RefinedEvaluator',
        ...     metrics=[dict(type='PCKAccuracy')],
        ...     track_pipeline=[dict(type='Gaussian1D', sigma=2.)])
    """

    def __init__(self, metrics: Any, track_pipeline: Steps, skeleton: str | None = None, device: str = 'cpu') -> None:
        super().__init__(metrics)
        self.pipeline = build_steps(track_pipeline, device)
        self.skeleton = skeleton
        self.samples: list[BaseDataElement] = []

    def process(self, data_samples: Sequence[BaseDataElement], data_batch: Any = None) -> None:
        """Keeps a batch's samples until all are there."""
        for sample in data_samples:
            light = type(sample)(metainfo=sample.metainfo)
            for name in LIGHT:
                if name in sample:
                    setattr(light, name, sample.get(name))
            self.samples.append(light)

    def evaluate(self, size: int) -> dict[str, float]:
        """Refines all films, then judges them.

        Raises:
            RuntimeError: Several processes share the test; films would be torn apart.
            ValueError: A sample that does not say which frame of which film it is, or people who cannot be refined.
        """
        if get_world_size() > 1:
            raise RuntimeError('RefinedEvaluator needs all frames of a film in one process: test on one GPU')
        samples, self.samples = self.samples, []
        for film in _films(samples).values():
            self._refine(samples, film)
        super().process(samples)
        return super().evaluate(size)

    def _refine(self, samples: Sequence[BaseDataElement], film: Mapping[int, Sequence[int]]) -> None:
        """Puts refined values into the samples of a film, which are given by their rows, frame by frame."""
        frames = {frame: [person for row in rows for person in _people(samples[row], row)] for frame, rows in film.items()}
        skeleton = self.skeleton or skeleton_of(self.dataset_meta)
        for people in refine_people(frames, self.pipeline, skeleton, _image_size(samples, film)).values():
            for person in people:
                if not person.filled:
                    row, place = person.source
                    _write(samples[row].pred_instances, place, person.values)


def _people(sample: BaseDataElement, row: int) -> list[Person]:
    """A sample's people; the source of each is where it stands."""
    raw = sample.metainfo.get('raw_ann_info')
    annotations = raw if isinstance(raw, Sequence) else [raw]
    people = from_instances(sample.get('pred_instances'))
    known = len(annotations) == len(people)
    return [person.replace(source=(row, place), track_id=(annotations[place] or {}).get('track_id') if known else None)
            for place, person in enumerate(people)]


def _write(instances: Any, place: int, values: Mapping[str, np.ndarray]) -> None:
    for name, value in values.items():
        instances[name][place] = value if isinstance(instances[name], np.ndarray) else instances[name].new_tensor(value)


def _films(samples: Sequence[BaseDataElement]) -> dict[str, dict[int, list[int]]]:
    """Rows of the samples by film and frame; frames count from 0, in steps of what most separates all of a film's."""
    films: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row, sample in enumerate(samples):
        film, number = _frame(sample)
        films[film][number].append(row)
    return {film: _counted(frames) for film, frames in films.items()}


def _frame(sample: BaseDataElement) -> tuple[str, int]:
    meta = sample.metainfo
    path = Path(str(meta['img_path'] if 'img_path' in meta else np.ravel(meta.get('target_img_path', ''))[-1]))
    match = NUMBER.fullmatch(path.stem)
    if match is None:
        raise ValueError(f'image {str(path)!r} does not end in a frame number, so RefinedEvaluator cannot put its film in '
                         'order; name frames as FILM/000001.jpg')
    return f'{path.parent}/{match[1]}', int(match[2])


def _counted(frames: Mapping[int, list[int]]) -> dict[int, list[int]]:
    """Films of which every n-th frame is annotated, as consecutive frames."""
    numbers = np.array(sorted(frames))
    step = max(int(np.gcd.reduce(np.diff(numbers))), 1) if len(numbers) > 1 else 1
    return {int(number - numbers[0]) // step: frames[number] for number in numbers.tolist()}


def _image_size(samples: Sequence[BaseDataElement], film: Mapping[int, Sequence[int]]) -> tuple[int, int] | None:
    shape = samples[next(iter(film.values()))[0]].metainfo.get('ori_shape')
    return None if shape is None else (int(shape[1]), int(shape[0]))
