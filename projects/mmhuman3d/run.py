"""Runs mmhuman3d on the clip that ships: its tester and evaluation, then its smoothing and speed-up, with our modules.

    python projects/mmhuman3d/run.py [CONFIG] [CHECKPOINT]

The first part is what ``tools/test.py`` of mmhuman3d does, the second what ``demo/estimate_smpl.py`` does to its results.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import cliff_ext.integrations.mmhuman3d  # noqa: F401  before mmhuman3d, which else asks for PyTorch3D

# isort: split
import mmcv
import numpy as np
import torch
from mmcv.parallel import MMDataParallel
from mmcv.runner import load_checkpoint
from mmhuman3d.apis import single_gpu_test
from mmhuman3d.data.datasets.builder import build_dataloader, build_dataset
from mmhuman3d.models.architectures.builder import build_architecture
from mmhuman3d.utils.demo_utils import smooth_process, speed_up_process

HERE = Path(__file__).parent
METRICS = ['pa-mpjpe', 'cliff_ext/mpjpe', 'cliff_ext/pa-mpjpe', 'cliff_ext/accel']
SMOOTHING = ('oneeuro', 'savgol', 'gaus1d', 'smoothnet_windowsize8')


def main(config: str = str(HERE / 'cliff_res18-parts_demo-clip.py'),
         checkpoint: str = 'cliff_ext/zoo/demo_cliff.pth') -> None:
    cfg = mmcv.Config.fromfile(config)
    dataset = build_dataset(cfg.data.test, dict(test_mode=True))
    loader = build_dataloader(dataset, cfg.data.samples_per_gpu, cfg.data.workers_per_gpu, dist=False, shuffle=False)
    model = build_architecture(cfg.model)
    load_checkpoint(model, checkpoint, map_location='cpu', strict=True)
    outputs = single_gpu_test(MMDataParallel(model, device_ids=[0]), loader)  # without a GPU it runs on the CPU
    print(f'\n{len(dataset)} people; mm, and mm per frame squared')
    report(dataset, 'estimated', outputs)
    poses = np.concatenate([out['smpl_pose'] for out in outputs])
    betas = np.concatenate([out['smpl_beta'] for out in outputs])
    people = list(dict.fromkeys(dataset.human_data['meta']['sequence']))
    rows = [np.flatnonzero(np.asarray(dataset.human_data['meta']['sequence']) == person) for person in people]
    for name in SMOOTHING:
        smooth = poses.copy()
        for row in rows:
            x = poses[row].reshape(-1, 24, 9)
            smooth[row] = smooth_process(x, name, str(HERE / 'post_processing')).reshape(-1, 24, 3, 3)
        report(dataset, name, posed(model, smooth, betas))
    filled = poses.copy()
    for row in rows:
        filled[row] = speed_up_process(torch.from_numpy(poses[row]), 'deciwatch_interval5_q1', str(HERE / 'post_processing'))
    report(dataset, 'every 5th frame', posed(model, filled, betas))


def posed(model: torch.nn.Module, poses: np.ndarray, betas: np.ndarray) -> list[dict[str, Any]]:
    """Results as ``single_gpu_test`` gives them, for other poses (N, 24, 3, 3)."""
    with torch.no_grad():
        body = model.body_model_test(
            betas=torch.from_numpy(betas), body_pose=torch.from_numpy(poses[:, 1:]),
            global_orient=torch.from_numpy(poses[:, :1]), pose2rot=False)
    return [dict(keypoints_3d=body['joints'].numpy(), smpl_pose=poses, smpl_beta=betas, image_idx=np.arange(len(poses)))]


def report(dataset: Any, name: str, outputs: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures = dataset.evaluate(outputs, folder, METRICS)
    print(f'{name:22s}' + '  '.join(f'{key} {value:.1f}' for key, value in figures.items()), flush=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
