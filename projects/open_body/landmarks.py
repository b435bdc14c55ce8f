"""Anatomical landmarks and regions of the body, found by geometry and bone weights, not by hand-picked indices."""

from __future__ import annotations

import numpy as np

SMPLX_IDS = dict(
    nose=332, right_eye=6260, left_eye=2800, right_ear=4071, left_ear=583, right_thumb=6191, right_index=5782,
    right_middle=5905, right_ring=6016, right_pinky=6133, left_thumb=2746, left_index=2319, left_middle=2445,
    left_ring=2556, left_pinky=2673, left_big_toe=3216, left_small_toe=3226, left_heel=3387, right_big_toe=6617,
    right_small_toe=6624, right_heel=6787)
"""Vertex ids at which smplx expects these landmarks on a mesh of 6890 vertices."""

REGIONS = ('head', 'hair', 'eyes', 'neck', 'chest', 'belly', 'hips', 'upper_arm', 'forearm', 'hand', 'thigh', 'shin',
           'foot', 'lips', 'brows')


def find_landmarks(vertices: np.ndarray, bones: dict[str, np.ndarray], eyeballs: np.ndarray) -> dict[str, int]:
    """Vertex index of each landmark on the T-pose (V, 3); ``eyeballs`` (V,) is true on both eyeballs."""
    head = (bones['Head'] > 0.9) & ~eyeballs
    x, y, z = vertices.T
    eye_height = y[eyeballs].mean()
    face = head & (np.abs(x) < 0.015) & (y < eye_height)
    found = {'nose': _best(face, z)}
    for side, sign in (('left', 1), ('right', -1)):
        ours = sign * x > 0
        found[f'{side}_eye'] = _best(eyeballs & ours, z)
        found[f'{side}_ear'] = _best(head & ours & (np.abs(y - eye_height) < 0.06), np.abs(x))
        for finger in ('Thumb', 'Index', 'Middle', 'Ring', 'Pinky'):
            tip = bones[f'{side.title()}Hand{finger}3'] > 0.5
            reach = sign * x if finger != 'Thumb' else sign * x + z
            found[f'{side}_{finger.lower()}'] = _best(tip, reach)
        toes = bones[f'{side.title()}ToeBase'] > 0.5
        inner = np.abs(x) - np.abs(x[toes]).min()
        found[f'{side}_big_toe'] = _best(toes & (inner < 0.03), z)
        foot = bones[f'{side.title()}Foot'] + bones[f'{side.title()}ToeBase'] > 0.5
        found[f'{side}_small_toe'] = _best(foot, sign * x + 0.25 * z)
        found[f'{side}_heel'] = _best((bones[f'{side.title()}Foot'] > 0.5) & (y < y.min() + 0.03), -z)
    return found


def _best(mask: np.ndarray, value: np.ndarray) -> int:
    return int(np.where(mask, value, -np.inf).argmax())


def permutation(found: dict[str, int], count: int) -> np.ndarray:
    """Order (count,) of old indices that puts every landmark at smplx's id and keeps the rest in sequence."""
    order = np.full(count, -1)
    for name, vertex in found.items():
        order[SMPLX_IDS[name]] = vertex
    order[order < 0] = np.setdiff1d(np.arange(count), list(found.values()))
    return order


def label_regions(vertices: np.ndarray, weights: np.ndarray, eyeballs: np.ndarray) -> np.ndarray:
    """Region index (V,) uint8 into :data:`REGIONS`, for dressing the body."""
    by_joint = ['hips', 'thigh', 'thigh', 'belly', 'shin', 'shin', 'belly', 'foot', 'foot', 'chest', 'foot', 'foot',
                'neck', 'chest', 'chest', 'head', 'upper_arm', 'upper_arm', 'forearm', 'forearm', 'hand', 'hand',
                'hand', 'hand']
    index = {name: i for i, name in enumerate(REGIONS)}
    labels = np.array([index[name] for name in by_joint])[weights.argmax(1)]
    x, y, z = vertices.T
    head = (labels == index['head']) & ~eyeballs
    eye = vertices[eyeballs & (x > 0)].mean(0)
    chin = y[head & (z > eye[2] - 0.02)].min()
    face_height = y[head].max() - chin
    hairline = y > eye[1] + 0.32 * (y[head].max() - eye[1]) + 0.10 * np.clip(np.abs(x) - 0.03, 0, None)
    behind = (z < eye[2] - 0.085) & (y > chin + 0.15 * face_height)
    labels[head & (hairline | behind)] = index['hair']
    front = head & (z > eye[2] - 0.02)
    brow = front & (np.abs(y - eye[1] - 0.019) < 0.006) & (np.abs(np.abs(x) - eye[0]) < 0.028)
    labels[brow] = index['brows']
    nose = z[front & (np.abs(x) < 0.01)].max()
    mouth = front & (np.abs(x) < 0.025) & (np.abs(y - chin - 0.36 * (eye[1] - chin)) < 0.010) & (z > nose - 0.045)
    labels[mouth] = index['lips']
    labels[eyeballs] = index['eyes']
    return labels.astype(np.uint8)
