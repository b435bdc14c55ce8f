"""Our PoseNet, RootNet, patches and Human3.6M errors on the recorded numbers of 3DMPPE."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from cliff_ext import geometry
from cliff_ext.evaluation import functional
from cliff_ext.models import (
    DepthAwareL1Loss,
    PoseNetHeadOutput,
    convert_posenet_state_dict,
    convert_rootnet_state_dict,
)
from cliff_ext.registry import MODELS

from .fixture import Check, Fixture

BACKBONE = dict(type='mmdet.ResNet', depth=50, out_indices=(3, ))
SKELETONS = {18: 'h36m18', 21: 'muco21'}
BODY_PAIRS = 6
"""Pairs that the reference's test swaps; the hands and feet of the 21 joints stay on their side there."""
PATCH = (256, 256)
TURNED_BOX = np.array([110., 40., 290., 260.])
"""Of the turned patch; read off the recorded map."""
HEATMAP, DEPTH_RANGE = 64, 2000.
"""Places along each axis; depth in mm."""


def _network(fixture: Fixture, config: dict, convert: object) -> torch.nn.Module:
    import mmdet.models  # noqa: F401  (registers the backbones)
    model = MODELS.build(dict(backbone=BACKBONE, **config)).eval()
    official = {f'module.{key}': torch.from_numpy(value) for key, value in fixture.state_dict().items()}
    model.load_state_dict(convert(official, model.state_dict()), strict=True)
    return model


def _truth(fixture: Fixture) -> list[Tensor]:
    return [torch.from_numpy(fixture.input(name)) for name in ('target_coord', 'target_vis', 'target_have_depth')]


def _check(fixture: Fixture, output: str, ours: object, tolerance: str | None = None) -> Check:
    return Check.compare(fixture.name, output, ours, fixture.arrays[f'out_{output}'],
                         *fixture.tolerance(tolerance or output))


@torch.no_grad()
def run_posenet(fixture: Fixture) -> list[Check]:
    """Official names in; feature, heat maps, joints, flip test and loss out."""
    joints = fixture.info['constructor']['joint_num']
    model = _network(fixture, dict(type='PoseNet', skeleton=SKELETONS[joints],
                                   head=dict(type='PoseNetHead', num_joints=joints)), convert_posenet_state_dict)
    images = torch.from_numpy(fixture.input('img'))
    feats = model.backbone(images)
    heatmaps = model.head.heatmaps(feats).flatten(1, 2)
    out = model.head(feats)
    mirrored: PoseNetHeadOutput = model.head(model.backbone(images.flip(-1)))
    averaged = (out.coords + mirrored.mirrored(model.skeleton.flip_pairs[:BODY_PAIRS])) / 2
    target, visible, has_depth = _truth(fixture)
    loss = DepthAwareL1Loss(reduction='none')(out.coords, target, visible[..., 0], has_depth[:, 0])
    return [
        _check(fixture, 'backbone_mean', feats[-1].mean((2, 3))),
        _check(fixture, 'heatmap_sub', heatmaps[:, ::97, ::7, ::5]),
        _check(fixture, 'coord', out.coords),
        _check(fixture, 'coord_fliptest', averaged, 'coord'),
        _check(fixture, 'loss', loss),
    ]


@torch.no_grad()
def run_rootnet(fixture: Fixture) -> list[Check]:
    """Official names in; the root, its depth and the loss out; boxes and their k."""
    model = _network(fixture, dict(type='RootNet', head=dict(type='RootNetHead')), convert_rootnet_state_dict)
    out = model.head(model.backbone(torch.from_numpy(fixture.input('img'))))
    depth = out.gamma * torch.from_numpy(fixture.input('k_value'))[:, 0]
    target, visible, has_depth = _truth(fixture)
    pred = torch.cat([out.xy, depth[:, None]], 1)[:, None]
    loss = DepthAwareL1Loss(reduction='none')(pred, target[:, None], visible, has_depth[:, 0])[:, 0]
    boxes = _patch_boxes(fixture.input('boxes'), (640, 360))
    focal = torch.tensor([1500., 1480.], dtype=torch.float64).expand(len(boxes), 2)
    wanted = fixture.arrays['out_coord']
    return [
        Check.compare(fixture.name, 'coord x, y', out.xy, wanted[:, :2], *fixture.tolerance('coord_xy')),
        Check.compare(fixture.name, 'coord depth', depth, wanted[:, 2], *fixture.tolerance('depth')),
        _check(fixture, 'gamma', out.gamma[:, None]),
        _check(fixture, 'loss', loss),
        _check(fixture, 'bbox', _xywh(boxes)),
        _check(fixture, 'k_of_bbox', geometry.root_depth_factor(torch.from_numpy(boxes), focal, DEPTH_RANGE)),
    ]


def _patch_boxes(xywh: np.ndarray, image_size: tuple[int, int]) -> np.ndarray:
    """Our patches (N, 4) xyxy of boxes (N, 4) x, y, width, height; NaN where there is none."""
    boxes = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], 1)
    patches = [geometry.patch_bbox(box, image_size) for box in boxes]
    return np.stack([np.full(4, np.nan) if patch is None else patch for patch in patches])


def _xywh(boxes: np.ndarray) -> np.ndarray:
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1)


def run_mppe_geometry(fixture: Fixture) -> list[Check]:
    """Boxes, patches, the camera, rigid alignment, restoration to millimetres, Human3.6M errors."""
    height, width = fixture.info['image_size_hw']
    boxes = _patch_boxes(fixture.input('boxes'), (width, height))
    none = [geometry.patch_bbox([x, y, x + w, y + h], (width, height)) is None
            for x, y, w, h in ((10, 10, 0, 50), (700, 10, 50, 50), (10, 400, 50, 50), (10, 10, 50, 50))]
    found = [patch for patch in boxes if np.isfinite(patch).all()]
    known = np.isfinite(fixture.arrays['out_process_bbox'])
    checks = [
        Check.compare(fixture.name, 'process_bbox', boxes[known.all(1)],
                      _xyxy(fixture.arrays['out_process_bbox'])[known.all(1)], *fixture.tolerance('process_bbox')),
        Check.compare(fixture.name, 'process_bbox: which are none', ~np.isfinite(boxes), ~known, 0.),
        Check.compare(fixture.name, 'process_bbox_is_none', none, fixture.arrays['out_process_bbox_is_none'], 0.),
        Check.skipped(fixture.name, 'process_bbox_int_input', 'a mistake of the reference'),
    ]
    return checks + _patches(fixture, found) + _camera(fixture) + _restored(fixture)


def _xyxy(boxes: np.ndarray) -> np.ndarray:
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1)


def _patches(fixture: Fixture, boxes: list[np.ndarray]) -> list[Check]:
    height, width = fixture.info['image_size_hw']
    rng = np.random.Generator(np.random.PCG64(40011))
    coarse = rng.integers(0, 256, (height // 10, width // 10, 3)).repeat(10, 0).repeat(10, 1)
    image = np.clip(coarse + rng.integers(-20, 21, (height, width, 3)), 0, 255).astype(np.uint8)
    affines = [geometry.patch_affine(box, PATCH) for box in boxes[:4]]
    patches = np.stack([geometry.crop_patch(image, affine, PATCH)[..., ::-1] for affine in affines])
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    turned = geometry.patch_affine(TURNED_BOX, PATCH, scale=1.1, angle=25.)
    back = np.linalg.inv(np.vstack([turned, [0, 0, 1]]))[:2]
    stats = np.stack([patches.mean((1, 2)), patches.std((1, 2))])
    return [
        _check(fixture, 'patch_affine', affines, 'affine'),
        _check(fixture, 'affine_rot25_scale1.1', turned, 'affine'),
        _check(fixture, 'affine_rot25_scale1.1_inv', back, 'affine'),
        _check(fixture, 'trans_point2d', geometry.move_points(affines[0], fixture.input('pts')), 'affine'),
        _check(fixture, 'patch_sub', patches[:, 1::4, 2::4], 'patch_sub'),
        _check(fixture, 'patch_stats', stats, 'patch_stats'),
        Check.compare(fixture.name, 'normalized_first_pixels', ((patches - mean) / std).transpose(0, 3, 1, 2)[
            :, :, 128, 120:124][:len(fixture.arrays['out_normalized_first_pixels'])],
            fixture.arrays['out_normalized_first_pixels'], fixture.tolerance('patch_sub')[0] / 0.22),
    ]


def _camera(fixture: Fixture) -> list[Check]:
    cam, rotation, translation, source, target, mirrored, focal, center = (
        torch.from_numpy(fixture.input(name)) for name in ('cam', 'R', 't', 'A', 'B', 'A_mirrored', 'f', 'c'))
    pixels = geometry.camera_to_pixels(cam, focal, center)
    ours = dict(cam2pixel=pixels, pixel2cam=geometry.pixels_to_camera(torch.from_numpy(
        fixture.arrays['out_cam2pixel']), focal, center), world2cam=geometry.world_to_camera(cam, rotation, translation),
        rigid_align=geometry.procrustes_align(source, target, with_scale=False),
        rigid_align_mirrored=geometry.procrustes_align(mirrored, target, with_scale=False))
    return [_check(fixture, name, value, 'coordinates_mm') for name, value in ours.items()]


def _restored(fixture: Fixture) -> list[Check]:
    boxes = torch.from_numpy(_xyxy(fixture.input('boxes_eval')))
    truth, focal, center = (torch.from_numpy(fixture.input(name)) for name in ('gt_joint_cam', 'f', 'c'))
    roots = truth[:, 0, 2]

    def restore(name: str) -> tuple[Tensor, Tensor]:
        points = torch.from_numpy(fixture.input(name)) / HEATMAP
        points[..., 2] = (points[..., 2] - 0.5) * DEPTH_RANGE + roots[:, None]
        return geometry.patch_to_camera(points, boxes, focal.expand(len(boxes), 2), center.expand(len(boxes), 2))

    checks = []
    joints, true_joints = (value - value[:, :1] for value in (restore('preds18')[1], truth))
    for protocol in (1, 2):
        moved, errors = functional.h36m_errors(joints / 1e3, true_joints / 1e3, protocol, scored=range(17))
        checks += [_check(fixture, f'h36m_p{protocol}_joint_cam', moved * 1e3, 'coordinates_mm'),
                   _check(fixture, f'h36m_p{protocol}_error', errors, 'errors_mm'),
                   _check(fixture, f'h36m_p{protocol}_total', errors.mean(), 'errors_mm')]
    pixels, absolute = restore('preds21')
    return [*checks, _check(fixture, 'mupots_cam', absolute[:, :17], 'coordinates_mm'),
            _check(fixture, 'mupots_2d', pixels[:, :17], 'coordinates_mm')]
