"""Our filters and measures on the recorded numbers of SmoothNet and mmhuman3d."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from cliff_ext.evaluation import functional
from cliff_ext.geometry import procrustes_align
from cliff_ext.tracks import filters

from .fixture import Check, Fixture

STORED_JOINTS = 6
"""Filters run on all joints, the fixture keeps the first ones."""
H36M_HALF = 500.
"""Half an image of Human3.6M, pixels."""


def run_filters(fixture: Fixture) -> list[Check]:
    """Savitzky-Golay, one-euro, Gaussian: ours, or the references' own ways where they differ from a plain filter."""
    settings = fixture.info['constructor']
    names = dict(savgol=(filters.savitzky_golay, dict(polyorder='order')), oneeuro=(filters.one_euro, {}),
                 gaus1d=(filters.gaussian1d_chunks, {}), mmh_savgol=(filters.savitzky_golay, dict(polyorder='order')),
                 mmh_oneeuro=(filters.one_euro, {}), mmh_gaus1d=(filters.gaussian1d_median, {}))
    x = fixture.input('x')
    checks = []
    for name, (function, rename) in names.items():
        smooth = partial(function, **{rename.get(key, key): value for key, value in settings[name].items()})
        tolerance = fixture.tolerance('mmh_*' if name.startswith('mmh_') else name)
        for suffix in ('', '_short'):
            wanted = fixture.arrays.get(f'out_{name}{suffix}')
            if wanted is not None:
                ours = smooth(x[:len(wanted)])[:, :STORED_JOINTS]
                checks.append(Check.compare(fixture.name, name + suffix, ours, wanted, *tolerance))
    return checks


def run_metrics(fixture: Fixture) -> list[Check]:
    """MPJPE, PA-MPJPE, acceleration, PCK, scale alignment, 3DPCK, AUC."""
    arrays = {key: torch.from_numpy(value) for key, value in fixture.arrays.items()}
    checks = []
    for kind in ('rot', 'noise'):
        checks += _smoothnet(fixture, arrays, kind) + _mmhuman3d(fixture, arrays, kind)
    return checks + _two_dimensional(fixture, arrays)


def _check(fixture: Fixture, output: str, ours: Tensor, tolerance: str) -> Check:
    wanted = fixture.arrays[f'out_{output}']
    limits = (0., 0.) if fixture.info['tolerance'][tolerance] == 'exact' else fixture.tolerance(tolerance)
    return Check.compare(fixture.name, output, ours, wanted, *limits)


def _padded(acceleration: Tensor) -> Tensor:
    """The references count a zero at each end."""
    return torch.nn.functional.pad(acceleration, (1, 1))


def _smoothnet(fixture: Fixture, arrays: dict[str, Tensor], kind: str) -> list[Check]:
    points, truth = arrays[f'in_pred_{kind}'], arrays['in_gt']
    acceleration = functional.acceleration_errors(points, truth) / 1e3
    errors, aligned_errors = functional.joint_errors(points, truth) / 1e3, functional.pa_joint_errors(points, truth) / 1e3
    checks = [
        _check(fixture, f'mpjpe_{kind}', errors, 'mpjpe'),
        _check(fixture, f'pampjpe_{kind}', aligned_errors, 'pampjpe'),
        _check(fixture, f'accel_{kind}', _padded(acceleration), 'accel'),
    ]
    if kind == 'rot':
        aligned = procrustes_align(points[:8], truth[:8])
        return [*checks, _check(fixture, 'aligned_rot_first8', aligned, 'aligned')]
    means = torch.stack([errors.mean(), aligned_errors.mean(), _padded(acceleration).mean()]) * 1e3
    relative = [functional.root_relative(p, (2, 3)) for p in (points, truth)]
    return [
        *checks,
        _check(fixture, 'accel_unpadded_noise', acceleration, 'accel'),
        _check(fixture, 'mpjpe_rootrel23_noise', functional.joint_errors(*relative) / 1e3, 'mpjpe'),
        Check.compare(fixture.name, 'means, mm', means, fixture.arrays['out_means'], 1e-3),
        Check.skipped(fixture.name, 'pampjpe_3frames_quirk', 'a mistake of the reference'),
    ]


def _mmhuman3d(fixture: Fixture, arrays: dict[str, Tensor], kind: str) -> list[Check]:
    points, truth = (arrays[key].double() * 1e3 for key in (f'in_pred_{kind}', 'in_gt'))
    aligned = dict(none=points, scale=functional.scale_align(points, truth), procrustes=procrustes_align(points, truth))
    checks = []
    for way, moved in aligned.items():
        seen = functional.point_distances(moved, truth)[arrays['in_mask']]
        figures = dict(mpjpe=seen.mean(), pck150=functional.pck_3d(seen), auc=functional.auc_3d(seen))
        checks += [_check(fixture, f'mmh_{name}_{way}_{kind}', value, 'mmh') for name, value in figures.items()]
    if kind == 'noise':
        checks.append(_check(fixture, 'mmh_accel_noise', functional.acceleration_distances(points, truth), 'mmh'))
    return checks


def _two_dimensional(fixture: Fixture, arrays: dict[str, Tensor]) -> list[Check]:
    points, truth = arrays['in_pred2d'], arrays['in_gt2d']
    box = arrays['in_bbox'].double()
    size = (box[:, 2:] - box[:, :2]).amax(1)
    pixels = [(p + 0.5) * arrays['in_imgshape'][0, [1, 0]] for p in (points, truth)]
    checks = [_check(fixture, f'jhmdb_pck_{thr}', functional.pck_2d(*pixels, size.float(), thr), 'pck')
              for thr in (0.05, 0.1, 0.2)]
    h36m = [p * H36M_HALF + H36M_HALF for p in (points, truth)]
    aligned = procrustes_align(h36m[0].double(), h36m[1].double())
    return [
        *checks,
        _check(fixture, 'mpjpe_2d_px', functional.point_distances(*h36m).mean(-1), '2d_px'),
        _check(fixture, 'pampjpe_2d_px', functional.point_distances(aligned, h36m[1]).mean(-1), '2d_px'),
    ]
