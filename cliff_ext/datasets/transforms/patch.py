"""Square patches for PoseNet and RootNet, augmented as 3DMPPE does, and packed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmengine.logging import print_log
from mmengine.structures import InstanceData

from cliff_ext.geometry import crop_patch, mirror_bbox, move_points, patch_affine, patch_bbox
from cliff_ext.registry import TRANSFORMS
from cliff_ext.structures import AbsolutePoseSample, get_skeleton

from .randomness import random_generator

META = ('bbox', 'focal_length', 'principal_point', 'image_size', 'root_depth', 'img_path', 'image_id', 'score', 'action',
        'sequence')
TRUTH = ('keypoints_patch', 'keypoints_visible', 'root_patch', 'root_visible', 'has_depth', 'keypoints3d', 'root3d')
TRIES = 100


@TRANSFORMS.register_module()
class BoxToPatch(BaseTransform):
    """A detected box to the patch that RootNet and PoseNet see, and a camera where none is given.

    Required keys: ``img`` (H, W, 3), ``bbox`` (4,) xyxy pixels; optional ``focal_length`` (one number or fx, fy, pixels) and
    ``principal_point`` (2,). Where they are missing, the image's diagonal and its centre are taken, which is said once.
    Modified keys: ``bbox``, ``focal_length`` (2,), ``principal_point`` (2,). Added keys: ``image_size``.

    Args:
        padding: Factor on the box's size.
        aspect_ratio: Width over height of the patch.

    Raises:
        ValueError: The box is not finite, has no area or lies outside the image.
    """

    def __init__(self, padding: float = 1.25, aspect_ratio: float = 1.) -> None:
        self.padding, self.aspect_ratio = padding, aspect_ratio
        self.said = False

    def transform(self, results: dict) -> dict:
        size = results['img'].shape[1::-1]
        patch = patch_bbox(results['bbox'], size, self.padding, self.aspect_ratio)
        if patch is None:
            raise ValueError(f'bbox {np.asarray(results["bbox"]).tolist()} is not finite, has no area, or lies outside the '
                             f'image of {size[0]} x {size[1]} pixels')
        if results.get('focal_length') is None:
            results['focal_length'] = float(np.hypot(*size))
            if not self.said:
                print_log(f'unknown camera: the focal length is taken to be the diagonal of the image, '
                          f'{results["focal_length"]:.0f} pixels; depths scale with it', 'current')
            self.said = True
        results['bbox'], results['image_size'] = patch, size
        results['focal_length'] = np.broadcast_to(np.asarray(results['focal_length'], np.float64), (2, )).copy()
        if results.get('principal_point') is None:
            results['principal_point'] = np.array(size) / 2
        return results


@TRANSFORMS.register_module()
class RandomPatchMove(BaseTransform):
    """Draws how the patch is scaled, turned and mirrored; :class:`CropPatch` does it.

    Added keys: ``patch_scale``, ``patch_angle`` (degrees), ``patch_flip``.

    Args:
        scale: Spread of the factor on the patch's size: 1 + scale · n, n normal, cut at ±1.
        angle: Spread of the angle in degrees, normal, cut at twice of it.
        angle_prob: How often the patch is turned.
        flip_prob: How often it is mirrored.
    """

    def __init__(self, scale: float = 0.25, angle: float = 30., angle_prob: float = 0.6, flip_prob: float = 0.5) -> None:
        self.scale, self.angle = scale, angle
        self.angle_prob, self.flip_prob = angle_prob, flip_prob

    def transform(self, results: dict) -> dict:
        rng = random_generator()
        results['patch_scale'] = 1 + self.scale * float(np.clip(rng.standard_normal(), -1, 1))
        turned = rng.random() <= self.angle_prob
        results['patch_angle'] = self.angle * float(np.clip(rng.standard_normal(), -2, 2)) if turned else 0.
        results['patch_flip'] = bool(rng.random() <= self.flip_prob)
        return results


@TRANSFORMS.register_module()
class NoiseRectangle(BaseTransform):
    """Hides a rectangle of the person's patch behind noise.

    Required keys: ``img`` (H, W, 3) uint8, ``bbox`` (4,) the patch. Modified keys: ``img``.

    Args:
        prob: How often.
        area: Smallest and largest share of the patch.
        ratio: Smallest height over width; the largest is 1 / ratio.
    """

    def __init__(self, prob: float = 0.5, area: Sequence[float] = (0., 0.7), ratio: float = 0.3) -> None:
        self.prob, self.area, self.ratio = prob, tuple(area), ratio

    def transform(self, results: dict) -> dict:
        rng = random_generator()
        if rng.random() > self.prob:
            return results
        size = results['bbox'][2:] - results['bbox'][:2]
        limit = np.array(results['img'].shape[1::-1])
        for _ in range(TRIES):  # a rectangle that does not lie in the image is drawn anew
            area, ratio = rng.uniform(*self.area) * size.prod(), rng.uniform(self.ratio, 1 / self.ratio)
            sides = np.sqrt([area / ratio, area * ratio])
            corner = rng.random(2) * (size - sides - 1) + results['bbox'][:2]
            if (corner >= 0).all() and (corner + sides < limit).all():
                left, top, width, height = (int(value) for value in (*corner, *sides))
                results['img'] = results['img'].copy()
                results['img'][top:top + height, left:left + width] = rng.integers(0, 256, (height, width, 3))
                break
        return results


@TRANSFORMS.register_module()
class CropPatch(BaseTransform):
    """Cuts the patch out of the image, and takes joints and root along.

    Required keys: ``img`` (H, W, 3), ``bbox`` (4,) the patch, ``skeleton``, ``keypoints2d`` (K, 2), ``keypoints_visible``
    (K,), ``keypoints3d`` (K, 3), ``root2d`` (2,), ``root3d`` (3,), ``root_visible``; optional those of
    :class:`RandomPatchMove`. Without ``keypoints2d``, as in a video, only the patch is cut.
    Added keys: ``crop`` (h, w, 3) float32, ``keypoints_patch`` (K, 3) and ``root_patch`` (3,): see
    :class:`AbsolutePoseSample`. Modified keys: ``keypoints_visible``, ``root_visible``: 0 outside the patch.

    Args:
        output_size: Width and height of the patch.
        depth_range: Metres around the root; joints nearer or farther are not visible.
    """

    def __init__(self, output_size: tuple[int, int] = (256, 256), depth_range: float = 2.) -> None:
        self.output_size = tuple(output_size)
        self.depth_range = depth_range

    def transform(self, results: dict) -> dict:
        width, flip = results['img'].shape[1], results.get('patch_flip', False)
        bbox = mirror_bbox(results['bbox'], width) if flip else results['bbox']
        affine = patch_affine(bbox, self.output_size, results.get('patch_scale', 1.), results.get('patch_angle', 0.))
        if flip:
            affine = affine @ np.array([[-1, 0, width - 1], [0, 1, 0], [0, 0, 1]], np.float64)
        results['crop'] = crop_patch(results['img'], affine, self.output_size)
        if 'keypoints2d' in results:
            self._move_joints(results, affine, flip)
        return results

    def _move_joints(self, results: dict, affine: np.ndarray, flip: bool) -> None:
        depth = np.nan_to_num(results['keypoints3d'][:, 2] - results['root3d'][2])
        xy = move_points(affine, results['keypoints2d']) / self.output_size
        joints = np.concatenate([xy, depth[:, None]], 1)
        visible = (results['keypoints_visible'] > 0) & _inside(xy) & (np.abs(depth) < self.depth_range / 2)
        if flip:
            order = np.arange(len(joints))
            for left, right in get_skeleton(results['skeleton']).flip_pairs:
                order[[left, right]] = right, left
            joints, visible = joints[order], visible[order]
        root = move_points(affine, results['root2d'][None]) / self.output_size
        results['keypoints_patch'], results['keypoints_visible'] = joints, visible
        results['root_patch'] = np.append(root[0], np.nan_to_num(results['root3d'][2]))
        results['root_visible'] = results['root_visible'] > 0 and bool(_inside(root)[0])


def _inside(points: np.ndarray) -> np.ndarray:
    return ((points >= 0) & (points < 1)).all(-1)


@TRANSFORMS.register_module()
class PackPatchInputs(BaseTransform):
    """Packs a patch into ``inputs`` (3, h, w) float32, BGR in [0, 255], and an :class:`AbsolutePoseSample`."""

    def transform(self, results: dict) -> dict:
        sample = AbsolutePoseSample(metainfo={key: results[key] for key in META if results.get(key) is not None})
        if 'keypoints_patch' in results:
            sample.gt_instances = InstanceData(**{
                name: torch.as_tensor(np.asarray(results[name], np.float32))[None] for name in TRUTH})
        return dict(inputs=torch.from_numpy(np.ascontiguousarray(results['crop'].transpose(2, 0, 1))), data_samples=sample)
