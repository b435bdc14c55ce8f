"""Figures where it is not given which estimated person is which true one: AGORA's protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cliff_ext.evaluation.functional import match_people
from cliff_ext.evaluation.report import log_report, save_report
from cliff_ext.geometry import project_points, rotvec_to_rotmat
from cliff_ext.io import HumanData, load_human_data
from cliff_ext.registry import METRICS

from .human_mesh import PARAMS, HumanMeshMetric, Scored

CHUNK = 64
"""People posed at a time."""


@dataclass
class PlacedPerson:
    """A person in an image: SMPL parameters with a leading 1, gender, and 24 joints (24, 2) in the image, pixels."""

    image: str
    params: dict[str, Tensor]
    gender: str
    points: Tensor
    meta: dict[str, Any]


@METRICS.register_module()
class MatchedHumanMeshMetric(HumanMeshMetric):
    """:class:`HumanMeshMetric` after matching the people of each image by their projected joints [AGORA].

    Nearest pairs are matched first, if the boxes around their joints overlap. Errors are means over matched pairs; besides
    ``precision``, ``recall`` and ``f1`` of finding people, and ``nmje`` = mpjpe / f1, ``nmve`` = pve / f1.

    Args:
        truth_file: HumanData of all true people, for a data set of detected boxes. Default: the true people are those of
            the data set itself, and its people without a truth are false alarms; nobody can be missed for want of a box.
        min_iou: Least overlap of a pair.
        measures: As :class:`HumanMeshMetric`, without those of tracks.
        joints: AGORA compares SMPL's 24.
        **options: As :class:`HumanMeshMetric`.
    """

    def __init__(self, truth_file: str | Path | None = None, min_iou: float = 0.1,
                 measures: Sequence[str] = ('mpjpe', 'pve'), joints: str = 'smpl24', **options: Any) -> None:
        super().__init__(measures=measures, joints=joints, **options)
        if self.truth != 'smpl' or set(self.measures) & {'accel', 'jitter'}:
            raise ValueError('matching people needs truth=\'smpl\' and knows no accel and jitter')
        self.min_iou = min_iou
        self.true_people = None if truth_file is None else self._read(truth_file)

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Places a batch in its images."""
        found = self._place([sample['pred_instances'] for sample in data_samples], ['neutral'] * len(data_samples),
                            data_samples)
        if self.true_people is not None:
            self.results += [(person, None) for person in found]
            return
        genders = [sample.get('gender', 'neutral') if self.gendered else 'neutral' for sample in data_samples]
        truths = [sample['gt_instances'] for sample in data_samples]
        known = [bool(truth['has_smpl'] * truth['has_betas'] * truth['has_transl']) for truth in truths]
        true = self._place(truths, genders, data_samples)
        self.results += [(person, other if sure else None) for person, other, sure in zip(found, true, known, strict=True)]

    def compute_metrics(self, results: list[tuple[PlacedPerson, PlacedPerson | None]]) -> dict[str, float]:
        """Matches, and means over the matches."""
        found = _by_image([person for person, _ in results])
        true = _by_image(self.true_people or [other for _, other in results if other is not None])
        pairs = [(people[i], true[image][j]) for image, people in found.items() if image in true
                 for i, j in match_people(*(torch.stack([p.points for p in side]) for side in (people, true[image])),
                                          min_iou=self.min_iou)]
        count = sum(map(len, true.values()))
        if not count:
            raise ValueError(f'none of {len(results)} people has a truth to compare with')
        precision, recall = len(pairs) / len(results), len(pairs) / count
        f1 = 2 * len(pairs) / (len(results) + count)
        rows = [row for start in range(0, len(pairs), CHUNK) for row in self._score_pairs(pairs[start:start + CHUNK])]
        figures = dict(self.summarise(rows) if rows else {}, precision=precision, recall=recall, f1=f1)
        figures |= {name: figures[source] / f1 for name, source in (('nmje', 'mpjpe'), ('nmve', 'pve')) if source in figures}
        report = dict(all=figures, people=len(results))
        log_report(report)
        if self.outfile_prefix is not None:
            save_report(report, self.outfile_prefix)
        return figures

    def _score_pairs(self, pairs: Sequence[tuple[PlacedPerson, PlacedPerson]]) -> list[Scored]:
        found, true = (self.pose([p.params for p in side], [p.gender for p in side]) for side in zip(*pairs, strict=True))
        return self.score(found, true, torch.ones(len(pairs), 2, dtype=torch.bool), [other.meta for _, other in pairs])

    def _place(self, params: Sequence[Mapping[str, Tensor]], genders: Sequence[str],
               samples: Sequence[Mapping[str, Any]]) -> list[PlacedPerson]:
        joints = self.pose(params, genders).smpl_joints + torch.cat([one['transl'] for one in params]).float().cpu()[:, None]
        focal, size = (torch.tensor([sample[name] for sample in samples]).float() for name in ('focal_length', 'image_size'))
        points = project_points(joints, focal, size / 2)
        return [PlacedPerson(str(sample['sample_id']).rpartition('#')[0], {name: one[name].cpu() for name in PARAMS}, gender,
                             flat, {name: sample[name] for name in ('sample_id', *self.groups) if name in sample})
                for one, gender, flat, sample in zip(params, genders, points, samples, strict=True)]

    def _read(self, file: str | Path) -> list[PlacedPerson]:
        """The true people of a file, those whose body and place are known."""
        data = load_human_data(file)
        data = data[data.has_smpl & data.has_betas & data.has_transl]
        if not len(data) or data.image_size is None:
            raise ValueError(f'{file}: no people with known SMPL parameters, transl and image_size to match with')
        return [person for start in range(0, len(data), CHUNK) for person in self._place_rows(data[start:start + CHUNK])]

    def _place_rows(self, data: HumanData) -> list[PlacedPerson]:
        rotations = rotvec_to_rotmat(torch.from_numpy(np.concatenate([data.global_orient[:, None], data.body_pose], 1)))
        params = [dict(global_orient=turns[:1], body_pose=turns[None, 1:], betas=betas[None], transl=transl[None])
                  for turns, betas, transl in zip(rotations, *map(torch.from_numpy, (data.betas, data.transl)), strict=True)]
        genders = data.gender.tolist() if self.gendered and data.gender is not None else ['neutral'] * len(data)
        samples = [dict(sample_id=f'{path}#', focal_length=float(focal), image_size=size.tolist())
                   for path, focal, size in zip(data.image_path, data.focal_length, data.image_size, strict=True)]
        return self._place(params, genders, samples)


def _by_image(people: Sequence[PlacedPerson]) -> dict[str, list[PlacedPerson]]:
    images: dict[str, list[PlacedPerson]] = {}
    for person in people:
        images.setdefault(person.image, []).append(person)
    return images
