"""Pseudo ground truth from 2D keypoints, by CLIFF's annotator: what ``tools/annotate.py`` does.

Three steps [Li et al., CLIFF, ECCV 2022, section 4]: a trained network predicts everybody of a data set; it is fine-tuned on
that data set with the full frame's 2D loss and pulls towards those first predictions; and it predicts everybody again.
"""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import Runner

from cliff_ext.datasets import HumanMeshDataset
from cliff_ext.datasets.converters import COCO, columns_to_human_data, stack_rows
from cliff_ext.evaluation.functional import keypoint_distance, keypoint_similarity
from cliff_ext.geometry import bbox_to_center_scale, project_points, rotvec_to_rotmat
from cliff_ext.io import HumanData, atomic_path, load_human_data, load_weights, save_human_data
from cliff_ext.io.cliff_truth import save_cliff_truth
from cliff_ext.registry import MODELS

from .annotation_gallery import write_gallery
from .annotation_steps import predict_people
from .paths import resolve
from .training import build_runner

CHUNK = 256
JUDGED = ('global_orient', 'body_pose', 'betas', 'transl', 'focal_length', 'image_size', 'keypoints2d', 'bbox')
REMEDY = 'Give the path of trained weights with --checkpoint, or as load_from in the config.'


@dataclass
class AnnotationReport:
    """What came of an annotation.

    Attributes:
        people: Written, one row each in both files.
        trusted: Those whose confidence is high enough for ``has_smpl``.
        distance: Mean distance of projected joints from the keypoints, in box heights, before and after the fine-tuning.
        confidence: Mean confidence, before and after.
        left_out: People left out, by reason.
        files: What was written, by kind.
        seconds: Time this call took.
    """

    people: int
    trusted: int
    distance: tuple[float, float]
    confidence: tuple[float, float]
    left_out: dict[str, int] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    seconds: float = 0

    def __str__(self) -> str:
        lines = [f'{self.people:,} people, {self.trusted:,} of them trusted, {self.seconds:.0f} s',
                 f'  distance from the keypoints: {100 * self.distance[0]:.2f} % of the box before, '
                 f'{100 * self.distance[1]:.2f} % after',
                 f'  confidence: {self.confidence[0]:.3f} before, {self.confidence[1]:.3f} after']
        lines += [f'  left out: {count:,} × {reason}' for reason, count in self.left_out.items() if count]
        return '\n'.join(lines + [f'  {kind}: {file}' for kind, file in self.files.items()])


@dataclass
class KeypointSource:
    """People to annotate: rows with boxes and 2D keypoints alone, the images' folder, and the file's names of the people."""

    people: HumanData
    image_root: Path
    annotation_ids: np.ndarray
    left_out: dict[str, int]


def load_keypoints(source: str | Path, keypoints: str | Path | None = None, image_root: str | Path | None = None,
                   min_joints: int = 6) -> KeypointSource:
    """Reads boxes and 2D keypoints; anything else that the file knows of the people is not looked at.

    Args:
        source: Folder of images, a COCO-style keypoint json, or a HumanData npz.
        keypoints: The json or npz, where ``source`` is a folder.
        image_root: Folder that image paths start from; default the folder, or that of the file.
        min_joints: Fewest keypoints of a person (below the head, in a json).

    Raises:
        FileNotFoundError: A file or folder is missing.
        ValueError: A folder without ``keypoints``, a file of another kind, or nobody has enough keypoints.
    """
    source = Path(source)
    if source.is_dir() and keypoints is None:
        raise ValueError(f'{source} is a folder of images: name the file of their 2D keypoints with --keypoints')
    file = Path(keypoints or source)
    root = Path(image_root or (source if source.is_dir() else file.parent))
    if not file.is_file():
        raise FileNotFoundError(f'keypoint file not found: {file}')
    if file.suffix == '.npz':
        data = load_human_data(file)
        ids, left_out = np.arange(len(data)), {}
    elif file.suffix == '.json':
        reader = COCO(root, '', min_joints, file)
        rows = [row for step in reader.steps() for row in reader.rows(step)]
        if not rows:
            raise ValueError(f'{file}: nobody has {min_joints} keypoints below the head: {dict(reader.skipped)}')
        data = columns_to_human_data(file.stem, stack_rows(rows))
        ids, left_out = np.array([row.annotation_id for row in rows]), dict(reader.skipped)
    else:
        raise ValueError(f'{file}: keypoints come as a COCO-style .json or a HumanData .npz')
    if data.keypoints2d is None:
        raise ValueError(f'{file} has no 2D keypoints, which the annotator fits')
    enough = (data.keypoints2d[..., 2] > 0).sum(1) >= min_joints
    if not enough.all():
        left_out[f'fewer than {min_joints} keypoints'] = int((~enough).sum())
    if not enough.any():
        raise ValueError(f'{file}: nobody has {min_joints} keypoints')
    return KeypointSource(_flat(data[enough]), root, ids[enough], left_out)


def _flat(data: HumanData) -> HumanData:
    """The people without anything that was known of them in 3D."""
    names = ('image_path', 'bbox', 'dataset', 'keypoints2d', 'keypoints2d_skeleton', 'focal_length', 'image_size',
             'sequence', 'action', 'frame_id')
    return HumanData(**{name: getattr(data, name) for name in names})


def annotate(source: KeypointSource, config: str | Path | Config, out: str | Path, checkpoint: str | Path | None = None,
             options: dict[str, Any] | None = None, min_confidence: float = 0.5, gallery: int = 200) -> AnnotationReport:
    """Runs the three steps and writes ``OUT/cliff_gt.npz``, ``OUT/human_data.npz`` and ``OUT/index.html``.

    A killed run goes on where it was: predictions are kept in pieces, the fine-tuning by MMEngine's checkpoints.

    Args:
        source: See :func:`load_keypoints`.
        config: Recipe with ``model`` (with ``loss``), ``test_pipeline``, ``train_dataloader``, ``train_cfg``,
            ``optim_wrapper`` as MMEngine's; ``train_dataloader.dataset`` is filled in here, with ``train_pipeline`` if there
            is one, else without augmentation.
        out: Folder of the results and of what a restart needs.
        checkpoint: Trained weights to start from; ``embedded:NAME`` for those that ship; default the config's ``load_from``.
        options: Changes of the config.
        min_confidence: Least confidence (COCO's keypoint similarity of the projected body) for ``has_smpl``.
        gallery: Most people in the contact sheet, spread over all confidences; 0 for none.

    Raises:
        FileNotFoundError: The config, the weights or all images are missing.
        ValueError: The config is no recipe of an annotator, or ``out`` holds another annotation.
    """
    start = time.perf_counter()
    out = Path(out)
    cfg = _recipe(config, options)
    weights = resolve(str(checkpoint or cfg.get('load_from') or ''), lambda: REMEDY)
    _claim(out, source, cfg, weights)
    people_file, prior_file = out / 'keypoints.npz', out / 'prior.npz'
    if not people_file.is_file():
        save_human_data(people_file, source.people)
    runner = _runner(cfg, out, prior_file, source.image_root)
    dataset = _dataset(cfg, people_file, source.image_root)
    first = predict_people(lambda: _with_weights(runner, weights), dataset, out / 'prior', cfg.train_dataloader)
    rows = np.setdiff1d(np.arange(len(source.people)), dataset.left_out)[first.index]
    people, ids = source.people[rows], source.annotation_ids[rows]
    if not prior_file.is_file():
        save_human_data(prior_file, replace(first.fill(people), transl=None, has_transl=None))
    _fine_tune(runner, weights)
    last = predict_people(lambda: runner.model, dataset, out / 'final', cfg.train_dataloader).at(first.index)
    body = _body(cfg)
    before, after = (_judge(part.fill(people), body) for part in (first, last))
    trusted = after.confidence >= min_confidence
    result = replace(after.people, scores=after.confidence, has_smpl=trusted, has_betas=trusted, has_transl=trusted)
    report = AnnotationReport(
        len(result), int(trusted.sum()), (float(before.distance.mean()), float(after.distance.mean())),
        (float(before.confidence.mean()), float(after.confidence.mean())),
        {**source.left_out, 'image missing, unreadable or of another size': len(source.people) - len(rows)},
        _write(out, result, after.joints, ids))
    if gallery:
        report.files['gallery'] = write_gallery(out, source.image_root, body, before, after, ids, gallery, str(report))
    report.seconds = time.perf_counter() - start
    return report


def _recipe(config: str | Path | Config, options: dict[str, Any] | None) -> Config:
    if not isinstance(config, Config):
        if not Path(config).is_file():
            raise FileNotFoundError(f'config not found: {config}')
        config = Config.fromfile(config)
    cfg = Config(config.to_dict(), filename=config.filename)
    cfg.merge_from_dict(options or {})
    missing = [key for key in ('model', 'test_pipeline', 'train_dataloader', 'train_cfg', 'optim_wrapper') if key not in cfg]
    if missing or 'loss' not in cfg.model:
        raise ValueError(f'{cfg.filename} is no recipe of an annotator: it has no {", ".join(missing) or "model.loss"}; '
                         'take one of configs/annotator')
    return cfg


def _claim(out: Path, source: KeypointSource, cfg: Config, weights: Path) -> None:
    """Makes sure that a folder holds one annotation alone: same people, recipe and weights."""
    digest = hashlib.sha256(cfg.pretty_text.encode())
    for array in (source.people.image_path, source.people.bbox, source.people.keypoints2d):
        digest.update(np.ascontiguousarray(array).tobytes())
    claim = dict(people=len(source.people), weights=weights.name, fingerprint=digest.hexdigest())
    file = out / 'annotation.json'
    if file.is_file():
        if json.loads(file.read_text()) != claim:
            raise ValueError(f'{out} holds the annotation of other people, or by another recipe or other weights; give '
                             'another folder with --out, or remove this one')
        return
    with atomic_path(file) as temporary:
        temporary.write_text(json.dumps(claim, indent=1))


def _dataset(cfg: Config, file: Path, image_root: Path) -> HumanMeshDataset:
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        return HumanMeshDataset(dict(type='HumanDataLayout', file=str(file)), image_root,
                                 [dict(type='LoadHumanImage'), *cfg.test_pipeline], on_bad='skip', test_mode=True)


def _runner(cfg: Config, out: Path, prior: Path, image_root: Path) -> Runner:
    """MMEngine's runner of the fine-tuning; weights are not loaded yet."""
    cfg = Config(cfg.to_dict(), filename=cfg.filename)
    pipeline = cfg.get('train_pipeline') or [dict(type='LoadHumanImage'), *cfg.test_pipeline]
    cfg.train_dataloader.dataset = dict(
        type='HumanMeshDataset', layout=dict(type='HumanDataLayout', file=str(prior)), image_root=str(image_root),
        pipeline=pipeline, on_bad='skip')
    cfg.load_from = None
    cfg.setdefault('experiment_name', f'annotate-{uuid.uuid4().hex}')
    work_dir = out / 'finetune'
    runner = build_runner(cfg, work_dir, resume=(work_dir / 'last_checkpoint').is_file())
    runner.model.init_weights()  # once and now: the runner would do it when training begins, over the weights loaded here
    return runner


def _with_weights(runner: Runner, weights: Path) -> torch.nn.Module:
    load_weights(runner.model, weights)
    return runner.model


def _fine_tune(runner: Runner, weights: Path) -> None:
    """Trains from the weights, or from where a killed run left off; does nothing where it was done."""
    if not (Path(runner.work_dir) / 'last_checkpoint').is_file():
        load_weights(runner.model, weights)
    runner.train()


def _body(cfg: Config) -> torch.nn.Module:
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        return MODELS.build(cfg.model.loss.get('body_model') or dict(type='SMPLBody')).eval()


@dataclass
class Judged:
    """People with SMPL, their posed joints (N, 49, 3), and how well these agree with the keypoints (N,)."""

    people: HumanData
    joints: np.ndarray
    confidence: np.ndarray
    distance: np.ndarray


def _judge(people: HumanData, body: torch.nn.Module) -> Judged:
    parts: list[tuple[torch.Tensor, ...]] = []
    with torch.no_grad():
        for first in range(0, len(people), CHUNK):
            part = people[first:first + CHUNK]
            orient, pose, betas, transl, focal, size, known, boxes = (
                torch.from_numpy(np.array(getattr(part, name))) for name in JUDGED)
            joints = body(rotvec_to_rotmat(orient), rotvec_to_rotmat(pose), betas, transl).joints
            points = project_points(joints, focal, size / 2)
            parts.append((joints, keypoint_similarity(points, known, boxes, 'spin49'),
                          keypoint_distance(points, known, boxes)))
    return Judged(people, *(torch.cat(column).numpy() for column in zip(*parts, strict=True)))


def _write(out: Path, people: HumanData, joints: np.ndarray, ids: np.ndarray) -> dict[str, Path]:
    center, scale = bbox_to_center_scale(torch.from_numpy(people.bbox))
    files = {'CLIFF pseudo ground truth': out / 'cliff_gt.npz', 'HumanData': out / 'human_data.npz'}
    save_cliff_truth(out / 'cliff_gt.npz', people, center.numpy(), scale.numpy(), joints, ids)
    save_human_data(out / 'human_data.npz', people)
    return files
