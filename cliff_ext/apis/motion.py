"""One sequence of a refiner's test set: refined, filmed beside its input and the truth, one joint plotted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from torch import Tensor

from cliff_ext.body_models import SMPL
from cliff_ext.datasets import PoseSequenceDataset
from cliff_ext.geometry import rot6d_to_rotmat
from cliff_ext.io import VideoWriter, load_weights, resolve
from cliff_ext.models import PoseRefiner
from cliff_ext.registry import DATASETS, MODELS
from cliff_ext.structures import get_skeleton
from cliff_ext.visualization import MotionPanels, plot_joint

CHUNK = 64


@dataclass
class RefinedSequence:
    """A sequence's versions.

    Attributes:
        name: Of the sequence.
        versions: ``input``, ``refined`` and ``truth``, (T, C) each.
        metainfo: The data set's.
    """

    name: str
    versions: dict[str, np.ndarray]
    metainfo: dict[str, Any]


def build_refiner(config: Config, checkpoint: str | Path | None = None) -> PoseRefiner:
    """A config's network in test mode, with its weights.

    Raises:
        ValueError: Neither the arguments nor the config name weights.
    """
    weights = checkpoint or config.get('load_from')
    if not weights:
        raise ValueError(f'{config.filename}: no weights; give a checkpoint, or set load_from in the config')
    model = MODELS.build(config.model).eval()
    load_weights(model, resolve(weights, lambda: 'Train it with tools/train.py, or convert an official checkpoint.'))
    return model


@torch.no_grad()
def refine_test_sequence(config: Config, sequence: str | None = None, checkpoint: str | Path | None = None,
                         view: int = 0) -> RefinedSequence:
    """Refines one sequence of a config's test set.

    Args:
        config: As of ``configs/smoothnet`` or ``configs/synsp``.
        sequence: Its name or number; default: the first.
        checkpoint: Weights, or ``embedded:NAME``; default: the config's ``load_from``.
        view: Which view of several.

    Raises:
        KeyError: No such sequence.
    """
    model = build_refiner(config, checkpoint)
    dataset: PoseSequenceDataset = DATASETS.build(config.test_dataloader.dataset)
    index = 0 if sequence is None else _find(dataset, sequence)
    item = dataset[index]
    refined = model.predict([item['inputs']], [item['data_samples']])[0]
    versions = dict(input=item['inputs'], refined=refined.pred_pose, truth=refined.gt_pose)
    return RefinedSequence(refined.sequence, {name: pose.reshape(-1, *pose.shape[-2:])[view].numpy()
                                              for name, pose in versions.items()}, dict(dataset.metainfo))


def draw_motion(result: RefinedSequence, out_dir: str | Path, joint: str | None = None, fps: float = 30.,
                most: int = 300) -> dict[str, Path]:
    """Writes ``NAME.mp4`` and ``NAME_JOINT.png``.

    Args:
        result: Of :func:`refine_test_sequence`.
        out_dir: Folder.
        joint: Name (or number, where the order has no names) of the joint to plot; default: the last wrist.
        fps: Of the video.
        most: Frames of the video; the plot shows all.

    Returns:
        The files by kind, ``video`` and ``plot``.
    """
    kind, skeleton = result.metainfo['representation'], result.metainfo['skeleton']
    dims = 2 if kind == 'keypoints2d' else 3
    faces = None
    if kind == 'smpl':
        body = SMPL()
        posed = {name: _pose(body, torch.from_numpy(value)) for name, value in result.versions.items()}
        shown, points = ({name: both[i] for name, both in posed.items()} for i in (0, 1))
        faces = body.faces
    else:
        points = shown = {name: value.reshape(len(value), -1, dims) for name, value in result.versions.items()}
    label, number = _joint(skeleton, joint, next(iter(points.values())).shape[1])
    bones = get_skeleton(skeleton).bones if skeleton else ()
    panels = MotionPanels({name: value[:most] for name, value in shown.items()}, bones, faces)
    stem = ''.join(letter if letter.isalnum() else '_' for letter in Path(result.name).stem) or 'sequence'
    files = dict(video=Path(out_dir) / f'{stem}.mp4')
    with VideoWriter(files['video'], fps) as writer:
        for frame in range(len(panels)):
            writer.write(panels(frame))
    files['plot'] = Path(out_dir) / f'{stem}_{label}.png'
    plot_joint(files['plot'], {name: value[:, number] for name, value in points.items()}, f'{result.name}: {label}',
               'image' if dims == 2 else 'm')
    return files


def _find(dataset: PoseSequenceDataset, sequence: str) -> int:
    names = [one.name for one in dataset.sequences]
    if sequence not in names and sequence.isdigit() and int(sequence) < len(names):
        return int(sequence)
    return dataset.index_of(sequence)


def _joint(skeleton: str | None, joint: str | None, count: int) -> tuple[str, int]:
    if skeleton is not None and not (joint or '').isdigit():
        return joint or 'right_wrist', get_skeleton(skeleton).index(joint or 'right_wrist')
    number = int(joint) if (joint or '').isdigit() else count - 1
    if joint is not None and not joint.isdigit() or number >= count:
        raise ValueError(f'this data set has {count} joints without names; give a number below {count}, got {joint!r}')
    return str(number), number


@torch.no_grad()
def _pose(body: SMPL, rot6d: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and 24 joints of the mean shape."""
    rotmats = rot6d_to_rotmat(rot6d.unflatten(-1, (24, 6)))
    parts = [body(part[:, 0], part[:, 1:], part.new_zeros(len(part), 10)) for part in rotmats.split(CHUNK)]
    return torch.cat([p.vertices for p in parts]).numpy(), torch.cat([p.smpl_joints for p in parts]).numpy()
