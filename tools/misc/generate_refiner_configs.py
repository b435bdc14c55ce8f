"""Writes the configs of all cells of SmoothNet's and SynSP's tables from a few lines each.

    python tools/misc/generate_refiner_configs.py            # write
    python tools/misc/generate_refiner_configs.py --check    # say which differ from what would be written
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
METRICS = {'3D': 'Keypoints3DMetric', '2D': 'Keypoints2DMetric', 'smpl': 'SMPLSequenceMetric'}
TITLES = dict(aist='AIST++', h36m='Human3.6M', jhmdb='Sub-JHMDB', mpiinf3dhp='MPI-INF-3DHP', mupots='MuPoTS', pw3d='3DPW')
H36M_FCN, PW3D_SPIN, AIST_VIBE = ('h36m', 'fcn'), ('pw3d', 'spin'), ('aist', 'vibe')

SMOOTHNET = {  # representation and what it was trained on (3D): what it was tested on
    ('3D', AIST_VIBE): [('aist', 'spin'), ('aist', 'tcmr'), ('aist', 'vibe'), ('mupots', 'tposenet'),
                        ('mupots', 'tposenetrefinenet')],
    ('3D', H36M_FCN): [*(('h36m', e) for e in ('fcn', 'rle', 'tcmr', 'vibe')), ('pw3d', 'tcmr'),
                       *(('h36m', f'videoposet{length}') for length in (27, 81, 243))],
    ('3D', PW3D_SPIN): [*(('mpiinf3dhp', e) for e in ('spin', 'tcmr', 'vibe')),
                        *(('pw3d', e) for e in ('eft', 'pare', 'spin', 'vibe'))],
    ('3D', ('pw3d', 'eft')): [('pw3d', 'eft')],
    ('2D', H36M_FCN): [*(('h36m', e) for e in ('cpn', 'hourglass', 'hrnet', 'rle')), ('jhmdb', 'simplepose')],
    ('smpl', AIST_VIBE): [('aist', 'spin'), ('aist', 'vibe')],
    ('smpl', H36M_FCN): [('aist', 'tcmr'), ('pw3d', 'tcmr')],
    ('smpl', PW3D_SPIN): [('pw3d', e) for e in ('eft', 'pare', 'spin', 'vibe')],
}
SYNSP = {  # coordinates of a pose: what it is trained and tested on
    ('3D', 51): [('h36m', e) for e in ('fcn', 'rle', 'videoposet27', 'videoposet81', 'videoposet243')],
    ('3D', 42): [('aist', 'spin'), ('aist', 'tcmr'), ('aist', 'vibe'), ('h36m', 'tcmr'), ('h36m', 'vibe'),
                 *(('pw3d', e) for e in ('eft', 'pare', 'spin', 'tcmr', 'vibe'))],
    ('2D', 34): [('h36m', e) for e in ('cpn', 'hourglass', 'hrnet', 'rle')],
    ('2D', 30): [('jhmdb', 'simplepose')],
    ('smpl', 144): [('aist', 'spin'), ('aist', 'tcmr'), ('aist', 'vibe'),
                    *(('pw3d', e) for e in ('eft', 'pare', 'spin', 'tcmr', 'vibe'))],
}


def layout(dataset: str, estimator: str, representation: str) -> str:
    return f"layout=dict(dataset='{dataset}', estimator='{estimator}', representation='{representation}')"


def config(title: str, base: str, model: str, train: str, test: str, metric: str, more: str = '') -> str:
    """A config's text."""
    evaluator = f"test_evaluator = dict(type='{metric}')\nval_evaluator = test_evaluator\n"
    return (f'# {title}\n_base_ = [\'../_base_/{base}.py\']\nmodel = dict({model})\n'
            f'train_dataloader = dict(dataset=dict({train}))\n'
            f'test_dataloader = dict(dataset=dict({test}))\nval_dataloader = test_dataloader\n{evaluator}{more}')


def smoothnet(window: int, trained: tuple[str, str], tested: tuple[str, str], representation: str) -> tuple[str, str]:
    """File name and text of one SmoothNet."""
    own = trained == tested and representation == '3D'
    cell = '-'.join((*tested, representation.lower()))
    extra = trained == ('pw3d', 'eft')
    name = f'smoothnet/smoothnet-{window}_{cell}{"-own" if extra else ""}.py'
    where = 'the same' if own else f'{TITLES[trained[0]]} {trained[1]} 3D'
    title = f'SmoothNet, {window} frames, trained on {where}, tested on {TITLES[tested[0]]} {tested[1]} {representation}.'
    return name, config(title, 'smoothnet', f'window_size={window}',
                        f"window_size={window}, {layout(*trained, '3D')}", layout(*tested, representation),
                        METRICS[representation])


def synsp(window: int, cell: tuple[str, str], representation: str, channels: int, views: int = 1) -> tuple[str, str]:
    """File name and text of one SynSP."""
    prefix = 'm' if views > 1 else ''
    name = f'synsp/synsp-{window}_{prefix}{cell[0]}-{cell[1]}-{representation.lower()}.py'
    dims = ', embed_dims=256' if representation == 'smpl' else ''
    title = f'SynSP, {window} frames, trained and tested on {TITLES[cell[0]]} {cell[1]} {representation}'
    title += f', {views} views at once.' if views > 1 else '.'
    place = layout(*cell, representation)
    place = place.replace('dict(', f"dict(type='MultiViewLayout', views={views}, ", 1) if views > 1 else place
    weight = ", loss=dict(acceleration_weight=1.)" if representation == 'smpl' or cell == H36M_FCN else ''
    return name, config(title, 'synsp', f'window_size={window}, in_channels={channels}{dims}{weight}',
                        f'window_size={window}, {place}', place, METRICS[representation])


def mixed() -> tuple[str, str]:
    """SmoothNet on two data sets at once."""
    parts = '\n'.join(f"            dict(\n                type='PoseSequenceDataset',\n                window_size=8,\n"
                      f"                layout=dict(type='SmoothNetLayout', dataset='{d}', estimator='{e}', "
                      f"representation='3D', split='train'),\n                pipeline=[dict(type='PackPoseWindow')]),"
                      for d, e in (AIST_VIBE, PW3D_SPIN))
    text = ('# SmoothNet, 8 frames, trained on AIST++ vibe and 3DPW spin in equal parts, tested on 3DPW spin 3D.\n'
            "_base_ = ['../_base_/smoothnet.py']\nmodel = dict(window_size=8)\n"
            "train_dataloader = dict(\n    sampler=dict(_delete_=True, type='BalancedBatchOrder', batch_size=1024),\n"
            "    dataset=dict(\n        _delete_=True,\n        type='MixedPoseDataset',\n        datasets=[\n"
            f"{parts}\n        ]))\n"
            f"test_dataloader = dict(dataset=dict({layout('pw3d', 'spin', '3D')}))\nval_dataloader = test_dataloader\n")
    return 'smoothnet/smoothnet-8_aist-vibe-pw3d-spin-3d.py', text


def all_configs() -> dict[str, str]:
    """Every file's text by its place under ``configs``."""
    files = [smoothnet(32, trained, tested, kind) for (kind, trained), cells in SMOOTHNET.items() for tested in cells]
    files += [smoothnet(window, cell, cell, '3D') for window in (8, 16, 64) for cell in (AIST_VIBE, H36M_FCN, PW3D_SPIN)]
    files += [synsp(8, cell, kind, channels) for (kind, channels), cells in SYNSP.items() for cell in cells]
    files += [synsp(16, H36M_FCN, '3D', 51), synsp(8, H36M_FCN, '3D', 51, views=4), mixed()]
    return dict(files)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--check', action='store_true', help='write nothing; exit with 1 if a file differs')
    check = parser.parse_args().check
    paths = {ROOT / 'configs' / name: text for name, text in all_configs().items()}
    changed = [path for path, text in paths.items() if not path.is_file() or path.read_text() != text]
    for path in changed:
        print(path.relative_to(ROOT))
        if not check:
            path.write_text(paths[path])
    print(f'{len(changed)} of {len(paths)} files {"differ" if check else "written"}')
    return int(check and bool(changed))


if __name__ == '__main__':
    sys.exit(main())
