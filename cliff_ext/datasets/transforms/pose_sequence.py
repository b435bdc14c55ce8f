"""Transforms of pose sequences: variety, root, packing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import roma
import torch

from cliff_ext.registry import TRANSFORMS
from cliff_ext.structures import PoseSample, get_skeleton

from .estimator_noise import mirror_rot6d


@TRANSFORMS.register_module()
class VaryMotion:
    """Turns, scales and mirrors a clean sequence, all frames alike; estimates are made equal to the truth.

    Required keys: ``truth``, ``metainfo`` with ``representation`` and ``skeleton``. Modified keys: ``truth``, ``detected``.

    Args:
        turn: ``heading`` turns about y, which points down; ``any`` takes any rotation. SMPL poses turn by their global
            orientation.
        tilt: Standard deviation in degrees of how far the camera leans over, after a turn of the heading.
        scale: Smallest and largest body size as a factor; 3D joints only.
        flip_prob: How often left and right are exchanged.
    """

    def __init__(self, turn: str, tilt: float = 0., scale: Sequence[float] = (1., 1.), flip_prob: float = 0.5) -> None:
        if turn not in ('heading', 'any'):
            raise ValueError(f"turn must be 'heading' or 'any', got {turn!r}")
        self.turn = turn
        self.tilt = np.deg2rad(tilt)
        self.scale = tuple(scale)
        self.flip_prob = flip_prob

    def __call__(self, results: dict) -> dict:
        meta, pose = results['metainfo'], results['truth']
        skeleton = get_skeleton(meta['skeleton'])
        values = pose.reshape(*pose.shape[:-1], len(skeleton), -1)
        is_points = meta['representation'] == 'keypoints3d'
        if np.random.random() < self.flip_prob:
            order = np.arange(len(skeleton))
            for left, right in skeleton.flip_pairs:
                order[[left, right]] = right, left
            values = values[..., order, :]
            values = values * [-1, 1, 1] if is_points else mirror_rot6d(values)
        rotation = self._rotation()
        if is_points:
            values = values @ rotation.T * np.random.uniform(*self.scale)
        else:
            root = values[..., 0, :].reshape(*values.shape[:-2], 3, 2)
            values[..., 0, :] = (rotation @ root).reshape(*values.shape[:-2], 6)
        results['truth'] = values.reshape(pose.shape).astype(np.float32)
        results['detected'] = results['truth'].copy()
        return results

    def _rotation(self) -> np.ndarray:
        if self.turn == 'any':
            quat = torch.from_numpy(np.random.standard_normal(4))
            return roma.unitquat_to_rotmat(quat / quat.norm()).numpy()
        heading = [0., np.random.uniform(0, 2 * np.pi), 0.]
        lean = self.tilt * np.random.standard_normal(3) * [1, 0, 1]
        turns = roma.rotvec_to_rotmat(torch.tensor(np.stack([lean, heading]))).numpy()
        return turns[0] @ turns[1]


@TRANSFORMS.register_module()
class RootRelative:
    """Subtracts, frame by frame, the mean of the root joints (``metainfo['root']``) from 3D joints, estimated and true.

    Required keys: ``truth``, ``detected``, ``metainfo``. Modified keys: ``truth``, ``detected``.
    """

    def __call__(self, results: dict) -> dict:
        meta = results['metainfo']
        if meta['representation'] != 'keypoints3d' or not meta['root']:
            raise ValueError(f'RootRelative needs 3D joints and their root, got {meta["representation"]} with root '
                             f'{meta["root"]}')
        for key in ('truth', 'detected'):
            points = results[key].reshape(*results[key].shape[:-1], -1, 3)
            points = points - points[..., list(meta['root']), :].mean(-2, keepdims=True)
            results[key] = points.reshape(results[key].shape)
        return results


@TRANSFORMS.register_module()
class PackPoseWindow:
    """Packs ``inputs`` (T, C) or (V, T, C) float32, the estimates, and a :class:`PoseSample` with ``gt_pose``.

    Meta information: ``sequence``, ``frame_ids``, ``representation``, and the extras (``betas``, ``bboxes``, …).
    """

    def __call__(self, results: dict) -> dict:
        sample = PoseSample(metainfo=dict(sequence=results['sequence'], frame_ids=results['frame_ids'],
                                          representation=results['metainfo']['representation'], **results['extras']))
        sample.gt_pose = torch.from_numpy(np.ascontiguousarray(results['truth'], np.float32))
        return dict(inputs=torch.from_numpy(np.ascontiguousarray(results['detected'], np.float32)), data_samples=sample)
