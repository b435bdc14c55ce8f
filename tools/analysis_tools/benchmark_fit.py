"""Errors of an estimate and of its fits to spoiled true keypoints; how much faster all frames at once are than one by one.

    python tools/inference.py cliff_ext/zoo/demo_clip.mp4 configs/video/demo_unrefined.py --out-dir outputs/raw --render none
    python tools/analysis_tools/benchmark_fit.py outputs/raw/tracks.npz cliff_ext/zoo/demo_clip_truth.npz

One config of ``configs/fit`` behind these paths takes the place of all of them: with ``--speed 100`` it is timed; with
``--cfg-options track_pipeline.0.fit.minimizer.type=BatchAdam`` it is compared with itself under another minimiser.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from mmengine.config import DictAction

from cliff_ext.apis import config_root
from cliff_ext.apis.fit_evaluation import compare_speed, evaluate_fits, spoiled_keypoints
from cliff_ext.body_models import SMPL
from cliff_ext.io import load_tracks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('found', type=Path, help='tracks.npz of an estimator')
    parser.add_argument('truth', type=Path, help='tracks.npz of the true people')
    parser.add_argument('configs', nargs='*', type=Path, help='default: all of configs/fit')
    parser.add_argument('--speed', type=int, metavar='FRAMES', help='time so many frames of the longest track instead')
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={}, help='key=value changes of the configs')
    args = parser.parse_args()
    found, truth = load_tracks(args.found).tracks, load_tracks(args.truth).tracks
    keypoints = spoiled_keypoints(truth, SMPL())
    configs = args.configs or sorted((config_root() / 'fit').glob('*.py'))
    if args.speed:
        for config in configs:
            figures = compare_speed(max(found, key=len)[:args.speed], keypoints, config, args.device)
            print(f'{config.stem}: ' + ', '.join(f'{name} {value:.4g}' for name, value in figures.items()))
        return
    results = evaluate_fits(found, truth, keypoints, configs, args.device, args.cfg_options)
    names = list(dict.fromkeys(name for figures in results.values() for name in figures))
    print(f'{"":<22}' + ''.join(f'{name:>14}' for name in names))
    for label, figures in results.items():
        print(f'{label:<22}' + ''.join(f'{figures[name]:>14.1f}' if name in figures else f'{"":>14}' for name in names))


if __name__ == '__main__':
    main()
