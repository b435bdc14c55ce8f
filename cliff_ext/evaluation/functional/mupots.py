"""MuPoTS-3D's measures: whom a prediction is matched with, bones of true length, 3DPCK and AUC of all and of matched people.

Convention:
    Joints in the order of skeleton ``mpi3dhp17``. Pixels of the full image; millimetres, as the data set's driver.
    Source: the driver ``mpii_mupots_multiperson_eval`` and the helpers that come with the data set
    [Mehta et al., 3DV 2018], whose figures these reproduce.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cliff_ext.structures import get_skeleton

PELVIS = 14
MATCHED_JOINTS = slice(1, 14)
"""Thorax to left ankle."""
SCORED_JOINTS = tuple(range(14))
"""Head to left ankle: the joint groups of 3DPCK and AUC. Pelvis, spine and the middle of the head are not in any."""
PARENTS = (1, 15, 1, 2, 3, 1, 5, 6, 14, 8, 9, 14, 11, 12, 14, 14, 1)
FROM_THE_ROOT = (15, 1, 0, 16, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)
"""Joints after their parents, without the root."""
MATCH_PIXELS = 40.
PCK_MM, AUC_STEPS = 150., 31
MISSED_MM = 1e5
"""Where a missed person's joints are taken to be."""


@dataclass
class PeopleErrors:
    """Errors of the annotated people of one sequence.

    Attributes:
        errors: (N, 17) mm, huge for missed people.
        matched: (N,) bool.
        occluded: (N, 17) bool, or None where it is not known.
    """

    errors: np.ndarray
    matched: np.ndarray
    occluded: np.ndarray | None = None


def match_people(truth: np.ndarray, found: np.ndarray, threshold: float = MATCH_PIXELS) -> np.ndarray:
    """Whom each annotated person is matched with.

    In their order, people take the free prediction with the most joints nearer than ``threshold`` in both x and y;
    the first of equals. A predicted joint at (0, 0) does not count.

    Args:
        truth: (G, 17, 2) pixels.
        found: (P, 17, 2) pixels.
        threshold: Pixels.

    Returns:
        (G,) int, indices into ``found``, -1 for a missed person.
    """
    matches = np.full(len(truth), -1)
    taken = np.zeros(len(found), bool)
    if not len(found):
        return matches
    found = found[:, MATCHED_JOINTS]
    seen = (found != 0).any(-1)
    for person, joints in enumerate(truth[:, MATCHED_JOINTS]):
        near = (np.abs(joints - found) < threshold).all(-1) & seen & ~taken[:, None]
        count = near.sum(1)
        if count.max() > 0:
            matches[person] = count.argmax()
            taken[matches[person]] = True
    return matches


def with_true_bones(joints: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Joints (17, 3) with each bone's direction kept and its length taken from the truth (17, 3), from the root outwards.

    A bone without length points nowhere; its joint falls on its parent.
    """
    moved = joints.astype(np.float64)
    for joint in FROM_THE_ROOT:
        parent = PARENTS[joint]
        bone = joints[joint] - joints[parent]
        length = np.linalg.norm(bone)
        true_length = np.linalg.norm(truth[joint] - truth[parent])
        moved[joint] = moved[parent] + (bone * (true_length / length) if length else 0.)
    return moved


def people_errors(truth2d: np.ndarray, truth3d: np.ndarray, found2d: np.ndarray, found3d: np.ndarray,
                  relative: bool) -> tuple[np.ndarray, np.ndarray]:
    """Joint errors of one image's annotated people.

    Args:
        truth2d: (G, 17, 2) pixels.
        truth3d: (G, 17, 3) mm, camera.
        found2d: (P, 17, 2) pixels.
        found3d: (P, 17, 3) mm, camera.
        relative: Compare seen from the pelvis; else in the camera.

    Returns:
        (G, 17) mm, and (G,) bool, true for matched people.

    Raises:
        ValueError: Not the 17 joints.
    """
    joints = len(get_skeleton('mpi3dhp17'))
    for name, value, size in (('truth2d', truth2d, 2), ('truth3d', truth3d, 3), ('found2d', found2d, 2),
                              ('found3d', found3d, 3)):
        if value.shape[1:] != (joints, size):
            raise ValueError(f'{name} must be (people, {joints}, {size}), got {value.shape}')
    matches = match_people(truth2d, found2d)
    if relative:
        truth3d, found3d = (value - value[:, PELVIS:PELVIS + 1] for value in (truth3d, found3d))
    errors = np.full((len(truth3d), joints), MISSED_MM)
    for person in np.flatnonzero(matches >= 0):
        moved = with_true_bones(found3d[matches[person]], truth3d[person])
        errors[person] = np.linalg.norm(moved - truth3d[person], axis=1)
    return errors, matches >= 0


def pck(errors: np.ndarray, threshold: float = PCK_MM, scored: Sequence[int] = SCORED_JOINTS) -> float:
    """3DPCK: percentage of joints of errors (N, 17), mm, below ``threshold``; NaN without people."""
    return 100. * float((errors[:, list(scored)] < threshold).mean()) if len(errors) else float('nan')


def auc(errors: np.ndarray, scored: Sequence[int] = SCORED_JOINTS) -> float:
    """Mean of :func:`pck` over the thresholds 0, 5, … 150 mm."""
    return float(np.mean([pck(errors, threshold, scored) for threshold in np.linspace(0, PCK_MM, AUC_STEPS)]))


def visible_pck(errors: np.ndarray, counted: np.ndarray) -> float:
    """3DPCK over the joints where ``counted`` (N, 17) is true, all 17; NaN without any."""
    return 100. * float((errors[counted] <= PCK_MM).mean()) if counted.any() else float('nan')


def summarize(sequences: Sequence[PeopleErrors], matched_only: bool) -> dict[str, list[float]]:
    """Figures of each sequence: ``pck``, ``auc`` and, where occlusion is known, ``pck_visible`` and ``pck_occluded``.

    Args:
        sequences: Errors.
        matched_only: Leave out missed people; else they count as wrong in every joint.

    Returns:
        For each figure, one percentage a sequence, NaN where it has nobody to count.
    """
    figures: dict[str, list[float]] = {}
    for people in sequences:
        rows = people.matched if matched_only else np.ones(len(people.matched), bool)
        errors = people.errors[rows]
        values = dict(pck=pck(errors), auc=auc(errors))
        if people.occluded is not None:
            occluded = people.occluded[rows]
            values |= dict(pck_visible=visible_pck(errors, ~occluded), pck_occluded=visible_pck(errors, occluded))
        for name, value in values.items():
            figures.setdefault(name, []).append(value)
    return figures
