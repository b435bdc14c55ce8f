"""How ours is run on each fixture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from cliff_ext import geometry
from cliff_ext.models import convert_cliff_state_dict
from cliff_ext.models.heads.cliff_head import start_values
from cliff_ext.registry import MODELS

from .fit_runners import run_smplify
from .fixture import Check, Fixture
from .mppe_runners import run_mppe_geometry, run_posenet, run_rootnet
from .pose_runners import run_filters, run_metrics
from .refiner_runners import run_slide_window, run_smoothnet, run_synsp

MEAN_PARAMS = Path('assets') / 'data' / 'smpl_mean_params.npz'
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
BACKBONES = {
    'cliff_res50': dict(type='mmdet.ResNet', depth=50, out_indices=(3, )),
    'cliff_hr48': dict(type='ClsHRNet', width=48),
}


def run_cliff(fixture: Fixture) -> list[Check]:
    """The whole network: official names in, feature and SMPL parameters out."""
    import mmdet.models  # noqa: F401  (registers the backbones)
    model = MODELS.build(dict(type='CLIFF', backbone=BACKBONES[fixture.name], neck=dict(type='GlobalPool'),
                              head=dict(type='CLIFFHead', in_channels=2048))).eval()
    official = {f'module.{key}': torch.from_numpy(value) for key, value in fixture.state_dict().items()}
    model.load_state_dict(convert_cliff_state_dict(official, model.state_dict()), strict=True)
    images, info = (torch.from_numpy(fixture.input(name)) for name in ('norm_img', 'bbox_info'))
    checks = []

    def head(suffix: str, iterations: int | None = None) -> None:
        out = model.head.refine(feature, info, iterations)[-1]
        rotmat = torch.cat([out.global_orient[:, None], out.body_pose], 1)
        for name, ours in (('rotmat', rotmat), ('betas', out.betas), ('cam', out.crop_cam)):
            checks.append(Check.compare(fixture.name, name + suffix, ours, fixture.arrays[f'out_{name}{suffix}'],
                                        *fixture.tolerance(name)))

    with torch.no_grad():
        feature = model.extract_feat(images)
        checks.append(Check.compare(fixture.name, 'feature', feature, fixture.arrays['out_feature'],
                                    *fixture.tolerance('feature')))
        head('')
        if 'out_rotmat_niter1' in fixture.arrays:
            head('_niter1', 1)
        mean_params = fixture.folder.parent / MEAN_PARAMS
        if not mean_params.is_file():
            return [*checks, Check.skipped(fixture.name, '*_meanparams', f'needs {MEAN_PARAMS.name} beside the fixtures')]
        for name, value in start_values(mean_params).items():
            getattr(model.head, name).copy_(value)
        head('_meanparams')
    return checks


def run_cliff_geometry(fixture: Fixture) -> list[Check]:
    """Boxes, cameras, crops and 6D rotations."""
    size = torch.from_numpy(np.stack([fixture.input('img_w'), fixture.input('img_h')], 1))
    center, scale = geometry.bbox_to_center_scale(torch.from_numpy(fixture.input('bbox')))
    focal = geometry.estimate_focal_length(size.double())
    place = [t.float() for t in (center, scale, size, focal)]
    found = dict(center=center, scale=scale, bbox_info=geometry.bbox_info(*place),
                 cam_full=geometry.crop_cam_to_transl(torch.from_numpy(fixture.input('crop_cam')), *place),
                 rotmat=geometry.rot6d_to_rotmat(torch.from_numpy(fixture.input('rot6d'))))
    checks = [Check.compare(fixture.name, name, ours, fixture.arrays[f'out_{name}'], *fixture.tolerance(name))
              for name, ours in found.items()]
    checks.append(Check.compare(fixture.name, 'focal', focal, fixture.arrays['out_focal'], 1e-9))
    three = geometry.rot6d_to_rotmat(torch.from_numpy(fixture.input('rot6d')[:3]))
    checks.append(Check.compare(fixture.name, 'rotmat of 3', three, fixture.arrays['out_rotmat'][:3],
                                *fixture.tolerance('rotmat')))
    return checks + _crops(fixture, center.numpy(), scale.numpy())


def _crops(fixture: Fixture, center: np.ndarray, scale: np.ndarray) -> list[Check]:
    rng = np.random.Generator(np.random.PCG64(fixture.info['image_seed']))
    height, width, _ = fixture.info['image_check']['shape']
    coarse = rng.integers(0, 256, (height // 10, width // 10, 3)).repeat(10, 0).repeat(10, 1)
    image = np.clip(coarse + rng.integers(-20, 21, (height, width, 3)), 0, 255).astype(np.uint8)
    corners, samples, stats = [], [], []
    for i in range(len(fixture.arrays['out_ul'])):
        corners.append(np.stack(geometry.crop_corners(center[i], scale[i])))
        crop = ((geometry.crop_image(image, center[i], scale[i]) / 255 - MEAN) / STD).transpose(2, 0, 1)
        samples.append(crop[:, 1::4, 2::4])
        stats.append([f(crop, axis=(1, 2)) for f in (np.mean, np.std, np.min, np.max)])
    wanted = np.stack([fixture.arrays['out_ul'], fixture.arrays['out_br']], 1)
    return [
        Check.compare(fixture.name, 'ul, br', corners, wanted, 0.),
        Check.compare(fixture.name, 'norm_img_sub', samples, fixture.arrays['out_norm_img_sub'],
                      *fixture.tolerance('norm_img_sub')),
        Check.compare(fixture.name, 'norm_img_stats', stats, fixture.arrays['out_norm_img_stats'],
                      *fixture.tolerance('norm_img_stats')),
    ]


def run_geometry(fixture: Fixture) -> list[Check]:
    """Rotation conversions, against float64 and against the references' float32."""
    exact, near_pi = 2e-6, 1e-3
    rotvec, rotmat = (torch.from_numpy(fixture.input(name)) for name in ('aa', 'rotmat'))
    out = {key[4:]: torch.from_numpy(value) for key, value in fixture.arrays.items() if key.startswith('out_')}
    wanted = out['ref64_rotmat']
    quat = geometry.rotmat_to_quat(rotmat)
    back = geometry.rotvec_to_rotmat(geometry.rotmat_to_rotvec(rotmat))
    angle = out['ref64_rotvec'].norm(dim=-1)
    flat = (torch.pi - angle) < 0.05
    comparisons = [
        ('rotvec_to_rotmat', geometry.rotvec_to_rotmat(rotvec), wanted, exact),
        ('rotvec_to_rotmat, references', geometry.rotvec_to_rotmat(rotvec), out['smoothnet_aa_to_rotmat'], exact),
        ('rotvec_to_rotmat, smplx', geometry.rotvec_to_rotmat(rotvec), out['smplx_batch_rodrigues'], exact),
        ('rotmat_to_rot6d', geometry.rotmat_to_rot6d(rotmat), out['rotmat_to_6d'], exact),
        ('rot6d_to_rotmat', geometry.rot6d_to_rotmat(out['rotmat_to_6d']), wanted, exact),
        ('quat_to_rotmat', geometry.quat_to_rotmat(out['ref64_quat_wxyz'][:, [1, 2, 3, 0]]), wanted, exact),
        ('rotmat_to_quat, as matrices', geometry.quat_to_rotmat(quat), wanted, exact),
        ('rotmat_to_rotvec, as matrices', back[~flat], wanted[~flat], exact),
        ('rotmat_to_rotvec near pi, as matrices', back[flat], wanted[flat], near_pi),
    ]
    return [Check.compare(fixture.name, *comparison) for comparison in comparisons]


RUNNERS: dict[str, Callable[[Fixture], list[Check]]] = {
    'cliff_res50': run_cliff, 'cliff_hr48': run_cliff, 'cliff_geometry': run_cliff_geometry, 'geometry': run_geometry,
    'posenet_res50': run_posenet, 'posenet_res50_j21': run_posenet, 'rootnet_res50': run_rootnet,
    'mppe_geometry': run_mppe_geometry, 'filters': run_filters, 'metrics': run_metrics, 'slide_window': run_slide_window,
    'smplify_losses': run_smplify,
    **{f'smoothnet_{window}': run_smoothnet for window in (8, 16, 32, 64)},
    **{f'synsp_{kind}': run_synsp for kind in ('2d', '3d', 'smpl', 'w16', 'multiview')}}


def runnable() -> list[str]:
    """Fixtures that ours can be run on."""
    return list(RUNNERS)


def run_fixture(folder: Path, name: str) -> list[Check]:
    """All comparisons of one fixture."""
    return RUNNERS[name](Fixture(folder, name))
