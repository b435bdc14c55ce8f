"""Joint conventions by name, and maps between them. Facts from OpenPose, COCO, H36M, LSP, SPIN, SMPL and MuCo-3DHP.

Convention:
    The same name means the same anatomical point in every skeleton. SPIN's 49 joints list most points twice, once as
    OpenPose defines them and once as the data sets do; the second kind carries the prefix ``gt_``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

GT = 'gt_'


@dataclass(frozen=True)
class Skeleton:
    """A named list of joints.

    Attributes:
        name: Name of the convention.
        joint_names: K names in order.
        bones: Pairs of joint indices to draw.
        flip_pairs: (left, right) index pairs, found from the names.
    """

    name: str
    joint_names: tuple[str, ...]
    bones: tuple[tuple[int, int], ...] = ()
    flip_pairs: tuple[tuple[int, int], ...] = field(init=False)

    def __post_init__(self) -> None:
        names = self.joint_names
        pairs = tuple((i, names.index(name.replace('left_', 'right_'))) for i, name in enumerate(names)
                      if 'left_' in name)
        object.__setattr__(self, 'flip_pairs', pairs)

    def __len__(self) -> int:
        return len(self.joint_names)

    def index(self, joint: str) -> int:
        """Position of a joint by name.

        Raises:
            ValueError: No such joint; the message lists those there are.
        """
        if joint not in self.joint_names:
            raise ValueError(f'skeleton {self.name} has no joint {joint!r}; it has {", ".join(self.joint_names)}')
        return self.joint_names.index(joint)


def _skeleton(name: str, joints: str, bones: str = '') -> Skeleton:
    names = tuple(joints.replace('L:', 'left_').replace('R:', 'right_').split())
    chains = [chain.replace('L:', 'left_').replace('R:', 'right_').split('-') for chain in bones.split()]
    pairs = tuple((names.index(a), names.index(b)) for chain in chains for a, b in zip(chain, chain[1:], strict=False))
    return Skeleton(name, names, pairs)


_OPENPOSE25 = ('nose neck R:shoulder R:elbow R:wrist L:shoulder L:elbow L:wrist mid_hip R:hip R:knee R:ankle L:hip L:knee '
               'L:ankle R:eye L:eye R:ear L:ear L:big_toe L:small_toe L:heel R:big_toe R:small_toe R:heel')
_OPENPOSE25_BONES = ('nose-neck-R:shoulder-R:elbow-R:wrist neck-L:shoulder-L:elbow-L:wrist '
                     'neck-mid_hip-R:hip-R:knee-R:ankle mid_hip-L:hip-L:knee-L:ankle nose-R:eye-R:ear nose-L:eye-L:ear '
                     'L:ankle-L:big_toe-L:small_toe L:ankle-L:heel R:ankle-R:big_toe-R:small_toe R:ankle-R:heel')
_LSP14 = ('R:ankle R:knee R:hip L:hip L:knee L:ankle R:wrist R:elbow R:shoulder L:shoulder L:elbow L:wrist neck head_top')
_SMPL24 = ('pelvis L:hip R:hip spine1 L:knee R:knee spine2 L:ankle R:ankle spine3 L:foot R:foot neck L:collar R:collar head '
           'L:shoulder R:shoulder L:elbow R:elbow L:wrist R:wrist L:hand R:hand')
_SMPL45 = _SMPL24 + (' nose R:eye L:eye R:ear L:ear L:big_toe L:small_toe L:heel R:big_toe R:small_toe R:heel L:thumb '
                     'L:index L:middle L:ring L:pinky R:thumb R:index R:middle R:ring R:pinky')
_EXTRA9 = ' gt_R:hip gt_L:hip gt_neck head_top gt_pelvis thorax spine jaw gt_head'
_LIMBS = 'R:hip-R:knee-R:ankle L:hip-L:knee-L:ankle R:shoulder-R:elbow-R:wrist L:shoulder-L:elbow-L:wrist '
_SPIN_GT = _LSP14 + ' pelvis thorax spine jaw head nose L:eye R:eye L:ear R:ear'

_SKELETONS = {skeleton.name: skeleton for skeleton in (
    _skeleton('openpose25', _OPENPOSE25, _OPENPOSE25_BONES),
    _skeleton('coco17', 'nose L:eye R:eye L:ear R:ear L:shoulder R:shoulder L:elbow R:elbow L:wrist R:wrist L:hip R:hip '
              'L:knee R:knee L:ankle R:ankle', _LIMBS + 'L:shoulder-R:shoulder L:hip-R:hip L:shoulder-L:hip '
              'R:shoulder-R:hip nose-L:eye-L:ear nose-R:eye-R:ear'),
    _skeleton('h36m17', 'pelvis R:hip R:knee R:ankle L:hip L:knee L:ankle spine thorax nose head_top L:shoulder L:elbow '
              'L:wrist R:shoulder R:elbow R:wrist', _LIMBS + 'pelvis-R:hip pelvis-L:hip pelvis-spine-thorax-nose-head_top '
              'thorax-L:shoulder thorax-R:shoulder'),
    _skeleton('h36m18', 'pelvis R:hip R:knee R:ankle L:hip L:knee L:ankle spine thorax nose head_top L:shoulder L:elbow '
              'L:wrist R:shoulder R:elbow R:wrist mid_shoulders', _LIMBS + 'pelvis-R:hip pelvis-L:hip '
              'pelvis-spine-thorax-nose-head_top thorax-L:shoulder thorax-R:shoulder'),
    _skeleton('mpii16', 'R:ankle R:knee R:hip L:hip L:knee L:ankle pelvis thorax neck head_top R:wrist R:elbow R:shoulder '
              'L:shoulder L:elbow L:wrist', _LIMBS + 'pelvis-thorax-neck-head_top pelvis-R:hip pelvis-L:hip '
              'thorax-L:shoulder thorax-R:shoulder'),
    _skeleton('coco19', 'nose L:eye R:eye L:ear R:ear L:shoulder R:shoulder L:elbow R:elbow L:wrist R:wrist L:hip R:hip '
              'L:knee R:knee L:ankle R:ankle mid_shoulders pelvis', _LIMBS + 'pelvis-mid_shoulders '
              'mid_shoulders-L:shoulder mid_shoulders-R:shoulder pelvis-L:hip pelvis-R:hip '
              'nose-L:eye-L:ear nose-R:eye-R:ear'),
    _skeleton('lsp14', _LSP14, _LIMBS + 'neck-head_top neck-L:shoulder neck-R:shoulder L:hip-R:hip neck-L:hip neck-R:hip'),
    _skeleton('smpl24', _SMPL24, _LIMBS + 'pelvis-L:hip pelvis-R:hip pelvis-spine1-spine2-spine3-neck-head L:ankle-L:foot '
              'R:ankle-R:foot spine3-L:collar-L:shoulder spine3-R:collar-R:shoulder L:wrist-L:hand R:wrist-R:hand'),
    _skeleton('mpi3dhp17', 'head_top thorax R:shoulder R:elbow R:wrist L:shoulder L:elbow L:wrist R:hip R:knee R:ankle '
              'L:hip L:knee L:ankle pelvis spine head', _LIMBS + 'head_top-head-thorax-spine-pelvis pelvis-R:hip '
              'pelvis-L:hip thorax-L:shoulder thorax-R:shoulder'),
    _skeleton('jhmdb15', 'neck belly face R:shoulder L:shoulder R:hip L:hip R:elbow L:elbow R:knee L:knee R:wrist L:wrist '
              'R:ankle L:ankle', _LIMBS + 'face-neck-belly neck-R:shoulder neck-L:shoulder belly-R:hip belly-L:hip'),
    _skeleton('smpl54', _SMPL45 + _EXTRA9),
    _skeleton('spin49', _OPENPOSE25 + ''.join(f' gt_{name}' for name in _SPIN_GT.split()), _OPENPOSE25_BONES),
    _skeleton('muco21', 'head_top thorax R:shoulder R:elbow R:wrist L:shoulder L:elbow L:wrist R:hip R:knee R:ankle L:hip '
              'L:knee L:ankle pelvis spine head R:hand L:hand R:foot L:foot', _LIMBS + 'head_top-head-thorax-spine-pelvis '
              'pelvis-R:hip pelvis-L:hip thorax-L:shoulder thorax-R:shoulder R:wrist-R:hand L:wrist-L:hand '
              'R:ankle-R:foot L:ankle-L:foot'),
)}

SPIN49_FROM_SMPL54 = np.array([
    24, 12, 17, 19, 21, 16, 18, 20, 0, 2, 5, 8, 1, 4, 7, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34,
    8, 5, 45, 46, 4, 7, 21, 19, 17, 16, 18, 20, 47, 48, 49, 50, 51, 52, 53, 24, 26, 25, 28, 27])
"""Which of SMPL's 54 joints (smplx's 45 and the 9 regressed ones) each of SPIN's 49 is."""
SPIN49_TO_J14 = (11, 10, 9, 12, 13, 14, 4, 3, 2, 5, 6, 7, 1, 38)
"""LSP's 14 joints out of the 49 of a posed SMPL body, as SmoothNet scores SMPL."""


def list_skeletons() -> list[str]:
    """Names that :func:`get_skeleton` knows."""
    return list(_SKELETONS)


def get_skeleton(name: str) -> Skeleton:
    """A convention by name.

    Raises:
        ValueError: Unknown name; the message lists the known ones.
    """
    if name not in _SKELETONS:
        raise ValueError(f'unknown skeleton {name!r}; known: {", ".join(_SKELETONS)}')
    return _SKELETONS[name]


def joint_map(source: str, target: str) -> tuple[np.ndarray, np.ndarray]:
    """Joints that two conventions share.

    Where a source lists a point twice, OpenPose targets take OpenPose's definition and all others the data sets'.

    Returns:
        Index arrays (M,) into the target's and the source's joints.
    """
    names = {name: i for i, name in enumerate(get_skeleton(source).joint_names)}
    found = []
    for i, name in enumerate(get_skeleton(target).joint_names):
        plain = name.removeprefix(GT)
        order = (plain, GT + plain) if target == 'openpose25' or (target == 'spin49' and name == plain) else (GT + plain,
                                                                                                             plain)
        match = next((names[key] for key in order if key in names), None)
        if match is not None:
            found.append((i, match))
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def map_joints(points: np.ndarray, source: str, target: str) -> tuple[np.ndarray, np.ndarray]:
    """Reorders joints (..., K, C) of one convention into another.

    Returns:
        (..., K', C) with zeros where the source has no such joint, and (K',) bool, true where it has.
    """
    count = len(get_skeleton(source))
    if points.shape[-2] != count:
        raise ValueError(f'skeleton {source} has {count} joints, got points of shape {points.shape}')
    to, of = joint_map(source, target)
    size = len(get_skeleton(target))
    mapped = np.zeros((*points.shape[:-2], size, points.shape[-1]), points.dtype)
    mapped[..., to, :] = points[..., of, :]
    valid = np.zeros(size, bool)
    valid[to] = True
    return mapped, valid
