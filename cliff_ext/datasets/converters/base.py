"""What readers of raw downloads yield, and what they share: one row a person and image, in the camera of the full image."""

from __future__ import annotations

import reprlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cliff_ext.structures import get_skeleton

BOX_MARGIN = 1.2
"""Side of a box over that of its joints where a data set gives no box, as SPIN and mmhuman3d have it."""


@dataclass
class HumanRow:
    """One person in one image; camera frame x right, y down, z forward, metres; what is not known is None.

    Attributes:
        image_path: Relative to the data set's folder.
        bbox: (4,) xyxy, pixels of the full image.
        image_size: Width and height, pixels.
        focal_length: Pixels.
        keypoints2d: (49, 3) skeleton ``spin49``; x, y, pixels of the full image, and confidence, 0 where unknown.
        keypoints3d: (49, 4) skeleton ``spin49``; x, y, z and confidence, 0 where unknown.
        global_orient: (3,) rotation vector of SMPL's pelvis.
        body_pose: (23, 3) rotation vectors.
        betas: (10,).
        transl: (3,) SMPL's translation, for a principal point in the image's centre.
        gender: ``neutral``, ``male`` or ``female``: whose body model the SMPL parameters belong to.
        sequence: Name of the recording, one for each person in it.
        action: Name of what the person does.
        frame_id: Number of the frame in its recording.
        annotation_id: What the annotation file calls the person; not written to HumanData.
    """

    image_path: str
    bbox: np.ndarray
    image_size: tuple[int, int] | None = None
    focal_length: float | None = None
    keypoints2d: np.ndarray | None = None
    keypoints3d: np.ndarray | None = None
    global_orient: np.ndarray | None = None
    body_pose: np.ndarray | None = None
    betas: np.ndarray | None = None
    transl: np.ndarray | None = None
    gender: str = 'neutral'
    sequence: str = ''
    action: str = ''
    frame_id: int = 0
    annotation_id: int = 0

    def problem(self) -> str | None:
        """Why this row cannot be used, in words, or None."""
        if not np.isfinite(self.bbox).all() or (self.bbox[2:] <= self.bbox[:2]).any():
            return 'box without area'
        if self.image_size is not None and ((self.bbox[:2] >= self.image_size).any() or (self.bbox[2:] <= 0).any()):
            return 'box outside the image'
        fields = (self.keypoints2d, self.keypoints3d, self.global_orient, self.body_pose, self.betas, self.transl,
                  self.focal_length)
        if not all(np.isfinite(field).all() for field in fields if field is not None):
            return 'numbers that are not finite'
        return None


class RawDataset(ABC):
    """A raw download.

    Attributes:
        name: Of the data set, as written to the file.
        root: Folder of the download; image paths are relative to it.
        skipped: People left out, by reason.
    """

    name: str

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        self.skipped: Counter[str] = Counter()
        if not self.root.is_dir():
            raise FileNotFoundError(f'{self.name}: folder not found: {self.root}')

    @abstractmethod
    def steps(self) -> Sequence[Any]:
        """What the progress bar counts: sequences, files or images."""

    @abstractmethod
    def read(self, step: Any) -> Iterator[HumanRow]:
        """The people of one step; counts in ``skipped`` those it leaves out."""

    def rows(self, step: Any) -> Iterator[HumanRow]:
        """The usable people of one step.

        Raises:
            ValueError: The files lack something; the message names it and the step.
        """
        try:
            for row in self.read(step):
                problem = row.problem()
                if problem is None:
                    yield row
                else:
                    self.skipped[problem] += 1
        except (KeyError, IndexError) as error:
            where = step if isinstance(step, (Path, int)) else reprlib.repr(step)
            raise ValueError(f'{self.name}: {where} lacks {error}; is the download whole, and in its original '
                             'layout?') from error

    def files(self, pattern: str, remedy: str) -> list[Path]:
        """Files below the root, sorted.

        Raises:
            FileNotFoundError: There are none; the message has the pattern and the remedy.
        """
        found = sorted(self.root.glob(pattern))
        if not found:
            raise FileNotFoundError(f'{self.name}: no {self.root / pattern}. {remedy}')
        return found


def _slots(names: str) -> np.ndarray:
    """Places in ``spin49`` of a data set's joints, by SPIN's names for what data sets annotate; -1 where it has none."""
    spin49 = get_skeleton('spin49')
    full = names.replace('L:', 'left_').replace('R:', 'right_').split()
    return np.array([-1 if name == '-' else spin49.index(f'gt_{name}') for name in full])


SPIN49_OF = dict(
    coco17=_slots('nose L:eye R:eye L:ear R:ear L:shoulder R:shoulder L:elbow R:elbow L:wrist R:wrist L:hip R:hip L:knee '
                  'R:knee L:ankle R:ankle'),
    mpii16=_slots('R:ankle R:knee R:hip L:hip L:knee L:ankle pelvis thorax neck head_top R:wrist R:elbow R:shoulder '
                  'L:shoulder L:elbow L:wrist'),
    h36m17=_slots('pelvis R:hip R:knee R:ankle L:hip L:knee L:ankle spine neck jaw head L:shoulder L:elbow L:wrist '
                  'R:shoulder R:elbow R:wrist'),
    mpi3dhp17=_slots('head neck R:shoulder R:elbow R:wrist L:shoulder L:elbow L:wrist R:hip R:knee R:ankle L:hip L:knee '
                     'L:ankle pelvis spine jaw'),
    mpi3dhp28=_slots('- - - spine pelvis neck jaw head - L:shoulder L:elbow L:wrist - - R:shoulder R:elbow R:wrist - L:hip '
                     'L:knee L:ankle - - R:hip R:knee R:ankle - -'),
)
"""Where SPIN's training puts each data set's joints, in the data set's order; Human3.6M's and MPI-INF-3DHP's upper spine is
its neck there, their head joint its jaw, their top of the head its head."""


def to_spin49(points: np.ndarray, joints: str, confidence: np.ndarray | None = None) -> np.ndarray:
    """Annotated joints (..., K, C) of a data set in ``spin49``'s slots of ground truth.

    Args:
        points: Coordinates.
        joints: Key of :data:`SPIN49_OF`.
        confidence: (..., K), default 1.

    Returns:
        (..., 49, C + 1) float32; confidence last, 0 where the data set has no such joint.
    """
    slots = SPIN49_OF[joints]
    if points.shape[-2] != len(slots):
        raise ValueError(f'{joints} has {len(slots)} joints, got an array of shape {points.shape}')
    known = slots >= 0
    mapped = np.zeros((*points.shape[:-2], 49, points.shape[-1] + 1), np.float32)
    mapped[..., slots[known], :-1] = points[..., known, :]
    mapped[..., slots[known], -1] = 1 if confidence is None else confidence[..., known]
    return mapped


def joints_box(points: np.ndarray, margin: float = BOX_MARGIN) -> np.ndarray:
    """Box (4,) xyxy around joints (K, 2), widened about its centre; NaN where there are none."""
    if not len(points):
        return np.full(4, np.nan)
    low, high = points.min(0), points.max(0)
    center, half = (low + high) / 2, (high - low) / 2 * margin
    return np.concatenate([center - half, center + half])
