"""Real poses for synthetic people: our mocap archives, AMASS npz and CMU-style BVH, all as SMPL rotations, z up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

BVH_JOINTS = dict(
    Hips=0, LeftUpLeg=1, RightUpLeg=2, Spine=3, LowerBack=3, LeftLeg=4, RightLeg=5, Spine1=6, LeftFoot=7, RightFoot=8,
    Neck=12, Neck1=12, LeftShoulder=13, RightShoulder=14, Head=15, LeftArm=16, RightArm=17, LeftForeArm=18, RightForeArm=19,
    LeftHand=20, RightHand=21)
"""Joints of CMU's BVH conversions and the SMPL joint that takes their rotation."""


@dataclass
class Motion:
    """One sequence.

    Attributes:
        name: For messages.
        rotmats: (T, 24, 3, 3) float32, root in a z-up world, the others relative to their parent.
        root: (T, 3) metres, pelvis in the z-up world.
        fps: Frames a second.
    """

    name: str
    rotmats: np.ndarray
    root: np.ndarray
    fps: float


def load_motions(path: str | Path) -> list[Motion]:
    """Reads an archive of ours, an AMASS npz, a BVH file, or a folder of the latter two.

    Raises:
        FileNotFoundError: Nothing there.
        ValueError: Not a motion file; the message names the keys looked for.
    """
    path = Path(path)
    if path.is_dir():
        files = sorted(p for p in path.rglob('*') if p.suffix in ('.npz', '.bvh') and p.stem != 'shape')
        if not files:
            raise FileNotFoundError(f'{path}: no .npz or .bvh motion below this folder')
        return [motion for file in files for motion in load_motions(file)]
    if not path.is_file():
        raise FileNotFoundError(f'motion file not found: {path}')
    if path.suffix == '.bvh':
        return [read_bvh(path)]
    with np.load(path, allow_pickle=False) as data:
        if 'smpl_pose' in data:
            return _archive(data)
        if 'poses' in data and 'trans' in data:
            fps = float(data['mocap_framerate'] if 'mocap_framerate' in data else data['mocap_frame_rate'])
            pose = np.concatenate([data['poses'][:, :66], np.zeros((len(data['poses']), 6))], 1)
            return [Motion(path.stem, _rotmats(pose), data['trans'].astype(np.float32), fps)]
    raise ValueError(f'{path} is no motion: expected smpl_pose and offsets (ours) or poses and trans (AMASS)')


def _archive(data: np.lib.npyio.NpzFile) -> list[Motion]:
    rotmats, root, bounds = _rotmats(data['smpl_pose']), data['root_trans'], data['offsets']
    return [Motion(str(name), rotmats[a:b], root[a:b], float(data['fps']))
            for name, a, b in zip(data['names'], bounds, bounds[1:], strict=False)]


def _rotmats(pose: np.ndarray) -> np.ndarray:
    return Rotation.from_rotvec(pose.reshape(-1, 3)).as_matrix().reshape(-1, 24, 3, 3).astype(np.float32)


def read_bvh(path: str | Path, metres_per_unit: float = 0.0254 * 2.2) -> Motion:
    """CMU-style BVH (y up, identity in the T-pose) as SMPL rotations.

    Joint frames are copied; joints that SMPL lacks pass their rotation on to the child.

    Args:
        path: The file.
        metres_per_unit: Length of one file unit; the default suits the cgspeed conversions.
    """
    words = Path(path).read_text().split('MOTION')
    if len(words) != 2 or 'HIERARCHY' not in words[0]:
        raise ValueError(f'{path} is not a BVH file: no HIERARCHY and MOTION parts')
    names, parents, channels = _hierarchy(words[0].split())
    numbers = words[1].split()
    count, step = int(numbers[1]), float(numbers[4])
    values = np.array(numbers[5:], float).reshape(count, -1)
    glob: list[Rotation] = []
    column, root = 0, np.zeros((count, 3))
    for parent, kinds in zip(parents, channels, strict=True):
        block = dict(zip(kinds, values[:, column:column + len(kinds)].T, strict=True))
        column += len(kinds)
        order = ''.join(kind[0] for kind in kinds if kind.endswith('rotation'))
        angles = np.stack([block[f'{axis}rotation'] for axis in order], 1)
        local = Rotation.from_euler(order, angles, degrees=True)
        glob.append(local if parent < 0 else glob[parent] * local)
        if parent < 0:
            root = np.stack([block[f'{axis}position'] for axis in 'XYZ'], 1) * metres_per_unit
    y_to_z = Rotation.from_matrix([[1, 0, 0], [0, 0, -1], [0, 1, 0]])
    return Motion(Path(path).stem, _smpl_locals(names, glob, y_to_z), y_to_z.apply(root).astype(np.float32), 1 / step)


def _hierarchy(words: list[str]) -> tuple[list[str], list[int], list[list[str]]]:
    names: list[str] = []
    parents: list[int] = []
    channels: list[list[str]] = []
    stack: list[int] = []
    current = -1
    for i, word in enumerate(words):
        if word in ('ROOT', 'JOINT'):
            names.append(words[i + 1])
            parents.append(stack[-1] if stack else -1)
            channels.append([])
            current = len(names) - 1
        elif word == 'End':
            current = -1
        elif word == '{':
            stack.append(current)
        elif word == '}':
            stack.pop()
        elif word == 'CHANNELS':
            channels[stack[-1]] = words[i + 2:i + 2 + int(words[i + 1])]
    return names, parents, channels


def _smpl_locals(names: list[str], glob: list[Rotation], world: Rotation) -> np.ndarray:
    from cliff_ext.body_models.smpl import PARENTS
    known: dict[int, Rotation] = {}
    for name, rotation in zip(names, glob, strict=True):
        if name in BVH_JOINTS:
            known[BVH_JOINTS[name]] = rotation
    out = np.tile(np.eye(3, dtype=np.float32), (len(glob[0]), 24, 1, 1))
    for joint in range(24):
        if joint not in known:
            known[joint] = known[PARENTS[joint]]
            continue
        local = world * known[0] if joint == 0 else known[PARENTS[joint]].inv() * known[joint]
        out[:, joint] = local.as_matrix()
    return out
