"""MuPoTS-3D's figures as its Matlab driver counts them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from cliff_ext.evaluation.functional import mupots
from cliff_ext.io import MuPoTSImage, load_mupots, mupots_name, save_mupots
from cliff_ext.registry import METRICS
from cliff_ext.structures import get_skeleton, joint_map

MM = 1e3
JOINTS = 'mpi3dhp17'
Found = dict[str, tuple[np.ndarray, np.ndarray]]


@METRICS.register_module()
class MuPoTSMetric(BaseMetric):
    """3DPCK and AUC of MuPoTS-3D, percent, means over the sequences.

    ``pck_rel/all``, ``pck_rel/matched``, ``pck_abs/all``, ``pck_abs/matched``, and the same of ``auc_rel`` and ``auc_abs``;
    with occlusion labels also ``pck_rel_visible/all`` and so on. ``missed`` and ``extra`` count annotated people without
    a prediction, and predictions in annotated images without a person; extra ones do not change the figures.

    Args:
        annotations: What :func:`cliff_ext.io.load_mupots` reads: ``MultiPersonTestSet`` or ``MuPoTS-3D.json``.
        out_dir: Folder for the files that the Matlab driver reads; None writes none.
        skeleton: Of the model; None takes the data set's.
        collect_device: See MMEngine.
    """

    def __init__(self, annotations: str, out_dir: str | None = None, skeleton: str | None = None,
                 collect_device: str = 'cpu') -> None:
        super().__init__(collect_device)
        self.annotations, self.out_dir, self.skeleton = annotations, out_dir, skeleton

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Gathers people."""
        skeleton = self.skeleton or (self.dataset_meta or {}).get('skeleton', JOINTS)
        to, of = joint_map(skeleton, JOINTS)
        if len(to) != len(get_skeleton(JOINTS)):
            raise ValueError(f'{skeleton} has {len(to)} of the {len(get_skeleton(JOINTS))} joints that MuPoTS-3D compares')
        for sample in data_samples:
            found = sample['pred_instances']
            self.results.append((mupots_name(sample['img_path']), found['keypoints2d'][0, of].double().cpu().numpy(),
                                 found['keypoints3d'][0, of].double().cpu().numpy() * MM))

    def compute_metrics(self, results: list[tuple[str, np.ndarray, np.ndarray]]) -> dict[str, float]:
        """Matches people and averages over sequences."""
        people: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
        for name, *points in results:
            people.setdefault(name, []).append(tuple(points))
        found = {name: tuple(np.stack(points) for points in zip(*here, strict=True)) for name, here in people.items()}
        images = load_mupots(self.annotations)
        strangers = found.keys() - {image.name for image in images}
        if len(strangers) == len(found) and found:
            raise ValueError(f'no prediction is of an image of {self.annotations}; the first is of {min(found)}')
        if self.out_dir is not None:
            save_mupots(self.out_dir, [image.name for image in images], found)
        figures: dict[str, float] = {}
        for kind in ('rel', 'abs'):
            sequences = sequence_errors(images, found, relative=kind == 'rel')
            for which in ('all', 'matched'):
                for name, values in mupots.summarize(list(sequences.values()), matched_only=which == 'matched').items():
                    measure, _, part = name.partition('_')
                    figures[f'{measure}_{kind}{part and "_" + part}/{which}'] = _mean(values)
                    if name == 'pck':
                        self._log(f'3DPCK_{kind}, {which}', list(sequences), values)
        matched = sum(int(people.matched.sum()) for people in sequences.values())
        figures['missed'] = float(sum(len(people.matched) for people in sequences.values()) - matched)
        figures['extra'] = float(sum(len(found[image.name][0]) for image in images if image.name in found) - matched)
        return figures

    @staticmethod
    def _log(title: str, sequences: Sequence[str], values: Sequence[float]) -> None:
        print_log(f'{title}: ' + ', '.join(f'{name} {value:.1f}' for name, value in zip(sequences, values, strict=True)),
                  'current')


def _mean(values: Sequence[float]) -> float:
    """Mean of the sequences that have somebody to count; NaN if none has."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float('nan')


def sequence_errors(images: Sequence[MuPoTSImage], found: Found, relative: bool) -> dict[str, mupots.PeopleErrors]:
    """Errors of the annotated people of each sequence.

    Args:
        images: Annotated.
        found: (P, 17, 2) pixels and (P, 17, 3) mm by the image's name.
        relative: See :func:`mupots.people_errors`.
    """
    nobody = np.zeros((0, 17, 2)), np.zeros((0, 17, 3))
    parts: dict[str, list[mupots.PeopleErrors]] = {}
    for image in images:
        errors, matched = mupots.people_errors(image.keypoints2d, image.keypoints3d, *found.get(image.name, nobody),
                                               relative=relative)
        parts.setdefault(image.sequence, []).append(mupots.PeopleErrors(errors, matched, image.occluded))
    return {name: mupots.PeopleErrors(
        np.concatenate([part.errors for part in here]), np.concatenate([part.matched for part in here]),
        None if here[0].occluded is None else np.concatenate([part.occluded for part in here]))
        for name, here in parts.items()}
