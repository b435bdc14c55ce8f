"""The 190 joints of mmhuman3d's HumanData files, and which of them the joints of our skeletons are.

Facts from mmhuman3d's conventions. HumanData tells apart what :mod:`cliff_ext.structures.skeletons` writes as one name: a
joint as SMPL has it (``left_hip``), as OpenPose has it (``left_hip_openpose``), and as the data sets have it
(``left_hip_extra``).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from cliff_ext.structures import get_skeleton
from cliff_ext.structures.skeletons import GT

_FINGERS = ' '.join(f'{{side}}_{finger}_{i}' for finger in ('index', 'middle', 'pinky', 'ring', 'thumb') for i in (1, 2, 3))
_TIPS = ' '.join(f'{{side}}_{finger}' for finger in ('thumb', 'index', 'middle', 'ring', 'pinky'))
_FEET = 'left_bigtoe left_smalltoe left_heel right_bigtoe right_smalltoe right_heel'


def _series(name: str, *numbers: int) -> str:
    return ' '.join(f'{name}_{i}' for i in numbers)


_SMPL = ('pelvis left_hip right_hip spine_1 left_knee right_knee spine_2 left_ankle right_ankle spine_3 left_foot '
         'right_foot neck left_collar right_collar head left_shoulder right_shoulder left_elbow right_elbow left_wrist '
         'right_wrist')
_FACE = ' '.join((
    _series('right_eyebrow', 1, 2, 3, 4, 5), _series('left_eyebrow', 5, 4, 3, 2, 1), _series('nosebridge', 1, 2, 3, 4),
    'right_nose_2 right_nose_1 nose_middle left_nose_1 left_nose_2', _series('right_eye', 1, 2, 3, 4, 5, 6),
    _series('left_eye', 4, 3, 2, 1, 6, 5), _series('right_mouth', 1, 2, 3), 'mouth_top',
    _series('left_mouth', 3, 2, 1, 5, 4), 'mouth_bottom', _series('right_mouth', 4, 5), _series('right_lip', 1, 2),
    'lip_top', _series('left_lip', 2, 1, 3), 'lip_bottom right_lip_3', _series('right_contour', *range(1, 9)),
    'contour_middle', _series('left_contour', *range(8, 0, -1))))
_OPENPOSE = ('nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist pelvis right_hip '
             f'right_knee right_ankle left_hip left_knee left_ankle right_eye left_eye right_ear left_ear {_FEET}')

HUMAN_DATA_JOINTS = tuple(' '.join((
    _SMPL, 'jaw left_eyeball right_eyeball', _FINGERS.format(side='left'), _FINGERS.format(side='right'),
    'nose right_eye left_eye right_ear left_ear', _FEET, _TIPS.format(side='left'), _TIPS.format(side='right'), _FACE,
    'right_hip_extra left_hip_extra neck_extra headtop pelvis_extra thorax_extra spine_extra jaw_extra head_extra',
    ' '.join(f'{name}_openpose' for name in _OPENPOSE.split()),
    'spine_4_3dhp left_clavicle_3dhp right_clavicle_3dhp left_hand_3dhp right_hand_3dhp left_toe_3dhp right_toe_3dhp',
    'head_h36m headtop_h36m head_bottom_pt left_hand right_hand')).split())
"""mmhuman3d's names in the order of the files."""

_SPELLING = {'mid_hip': 'pelvis', 'left_big_toe': 'left_bigtoe', 'left_small_toe': 'left_smalltoe',
             'right_big_toe': 'right_bigtoe', 'right_small_toe': 'right_smalltoe', 'head_top': 'headtop',
             'spine1': 'spine_1', 'spine2': 'spine_2', 'spine3': 'spine_3'}
_EXTRA = ('left_hip', 'right_hip', 'neck', 'pelvis', 'thorax', 'spine', 'jaw', 'head')
"""Joints that the data sets define otherwise than SMPL."""
_SMPL_SKELETONS = ('smpl24', 'smpl54')
_OPENPOSE_SKELETONS = ('openpose25', 'spin49')
_HEADS = {'h36m17': {'thorax': 'neck_extra', 'nose': 'jaw_extra', 'head_top': 'head_extra'},
          'mpi3dhp17': {'thorax': 'neck_extra', 'head': 'jaw_extra', 'head_top': 'head_extra'}}
"""Neck and head of laboratory data, as SPIN maps them to the joints that SMPL's regressor gives."""
_HEADS_OF_MMHUMAN3D = {'h36m17': {'thorax': 'neck_extra', 'nose': 'head_extra'},
                       'mpi3dhp17': {'thorax': 'neck_extra', 'head': 'head_extra'}}
"""As mmhuman3d's own converters map them."""


@cache
def human_data_joints(skeleton: str, of_mmhuman3d: bool = False) -> np.ndarray:
    """Which of the 190 joints each joint of a skeleton is.

    Args:
        skeleton: Name of a skeleton.
        of_mmhuman3d: Head joints of Human3.6M and MPI-INF-3DHP as mmhuman3d's converters place them, not as SPIN does.

    Returns:
        (K,) int64; −1 where HumanData has no such joint.
    """
    heads = (_HEADS_OF_MMHUMAN3D if of_mmhuman3d else _HEADS).get(skeleton, {})
    places = {name: i for i, name in enumerate(HUMAN_DATA_JOINTS)}
    names = [heads.get(name) or _translate(name, skeleton) for name in get_skeleton(skeleton).joint_names]
    return np.array([places.get(name, -1) for name in names], np.int64)


def _translate(name: str, skeleton: str) -> str:
    plain = name.removeprefix(GT)
    spelled = _SPELLING.get(plain, plain)
    if name == plain and skeleton in _SMPL_SKELETONS:
        return f'{spelled}_extra' if plain in ('thorax', 'spine', 'jaw') else spelled
    if name == plain and skeleton in _OPENPOSE_SKELETONS:
        return f'{spelled}_openpose'
    return f'{spelled}_extra' if plain in _EXTRA else spelled


def to_human_data(points: np.ndarray, skeleton: str) -> tuple[np.ndarray, np.ndarray]:
    """Joints (N, K, C) of a skeleton in the order of HumanData, those alone that it has ("compressed").

    Returns:
        (N, M, C), and the mask (190,) uint8 with M ones.

    Raises:
        ValueError: Another number of joints than the skeleton has.
    """
    places = human_data_joints(skeleton)
    if points.ndim != 3 or points.shape[1] != len(places):
        raise ValueError(f'skeleton {skeleton} has {len(places)} joints, got keypoints of shape {points.shape}')
    known = np.flatnonzero(places >= 0)
    known = known[np.argsort(places[known])]
    mask = np.zeros(len(HUMAN_DATA_JOINTS), np.uint8)
    mask[places[known]] = 1
    return points[:, known], mask


def from_human_data(points: np.ndarray, mask: np.ndarray, skeleton: str) -> np.ndarray:
    """Joints (N, K, C) of a skeleton from a HumanData file's, zeros (no confidence) where the file has no such joint.

    Args:
        points: (N, 190, C), or (N, M, C) with the M joints of the mask alone.
        mask: (190,), 1 where the file has the joint.
        skeleton: Name of the wanted skeleton.

    Raises:
        ValueError: Points and mask do not belong together.
    """
    mask = np.asarray(mask).astype(bool)
    total = len(HUMAN_DATA_JOINTS)
    if mask.shape != (total, ) or points.ndim != 3 or points.shape[1] not in (total, int(mask.sum())):
        raise ValueError(f'keypoints of shape {points.shape} with a mask of shape {mask.shape} that has {int(mask.sum())} '
                         f'joints; HumanData has {total} joints, or those of the mask alone')
    column = np.where(mask, np.arange(total) if points.shape[1] == total else np.cumsum(mask) - 1, -1)
    places = max((human_data_joints(skeleton, of_mmhuman3d=which) for which in (False, True)),
                 key=lambda found: int(mask[found[found >= 0]].sum()))
    columns = np.where(places >= 0, column[places], -1)
    mapped = np.zeros((len(points), len(places), points.shape[2]), np.float32)
    mapped[:, columns >= 0] = points[:, columns[columns >= 0]]
    return mapped
