"""A person before a moving camera, from which each test writes its own miniature of a raw download."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import mmdet.models  # noqa: F401  (registers the backbone)
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.evaluator import Evaluator
from mmengine.optim import OptimWrapper
from mmengine.registry import DefaultScope
from scipy.spatial.transform import Rotation

from cliff_ext.apis.conversion import convert_dataset
from cliff_ext.body_models import SMPL
from cliff_ext.datasets import HumanMeshDataset
from cliff_ext.datasets.converters import RawDataset
from cliff_ext.geometry import rotvec_to_rotmat
from cliff_ext.io import load_human_data
from cliff_ext.registry import METRICS, MODELS


@dataclass
class Scene:
    """T frames of one person of the open body; world y up or any other frame, camera y down.

    Attributes:
        pose (T, 72), betas (10,), trans (T, 3): SMPL in the world.
        extrinsics (T, 4, 4), intrinsics (3, 3), size: The camera.
        joints24 (T, 24, 3): In the world.
        seen (T, 49, 3): In the camera.
        pixels (T, 49, 2): Where the camera shows them.
        vertices (T, V, 3): In the camera.
    """

    pose: np.ndarray
    betas: np.ndarray
    trans: np.ndarray
    extrinsics: np.ndarray
    intrinsics: np.ndarray
    size: tuple[int, int]
    joints24: np.ndarray
    seen: np.ndarray
    pixels: np.ndarray
    vertices: np.ndarray


def pose_body(body: SMPL, pose: np.ndarray, betas: np.ndarray, trans: np.ndarray):
    """Open body of rotation vectors (T, 72), betas (T, 10), trans (T, 3)."""
    rotmats = rotvec_to_rotmat(torch.tensor(pose.reshape(len(pose), 24, 3), dtype=torch.float32))
    with torch.no_grad():
        return body(rotmats[:, 0], rotmats[:, 1:], torch.tensor(betas, dtype=torch.float32),
                    torch.tensor(trans, dtype=torch.float32))


@pytest.fixture(scope='session')
def body() -> SMPL:
    return SMPL().eval()


@pytest.fixture(scope='session')
def scene(body) -> Scene:
    frames, size = 3, (400, 640)
    rng = np.random.default_rng(0)
    pose = rng.normal(0, 0.15, (frames, 72))
    pose[:, :3] = [0.1, 0.4, -0.1]
    trans = rng.normal(0, 0.1, (frames, 3)) + [0.2, 1, -0.3]
    betas = rng.normal(0, 0.7, 10)
    turn = Rotation.from_euler('xyz', [[180, 5 * t, 3] for t in range(frames)], degrees=True).as_matrix()
    extrinsics = np.tile(np.eye(4), (frames, 1, 1))
    extrinsics[:, :3, :3] = turn
    extrinsics[:, :3, 3] = [[0.1, 0.9, 4.5 + 0.2 * t] for t in range(frames)]
    intrinsics = np.array([[610., 0, size[0] / 2], [0, 610, size[1] / 2], [0, 0, 1]])
    out = pose_body(body, pose, np.tile(betas, (frames, 1)), trans)

    def see(points: torch.Tensor) -> np.ndarray:
        return np.einsum('tij,tkj->tki', turn, points.double().numpy()) + extrinsics[:, None, :3, 3]

    seen = see(out.joints)
    pixels = seen @ intrinsics.T
    return Scene(pose, betas, trans, extrinsics, intrinsics, size, out.smpl_joints.double().numpy(), seen,
                 pixels[..., :2] / pixels[..., 2:], see(out.vertices))


@pytest.fixture
def check_body(body):
    """Asserts that a row's SMPL parameters pose the scene's body where the camera sees it."""

    def check(row, vertices: np.ndarray, atol: float = 2e-4) -> None:
        pose = np.concatenate([row.global_orient, row.body_pose.reshape(-1)])[None]
        out = pose_body(body, pose, row.betas[None], row.transl[None])
        np.testing.assert_allclose(out.vertices[0].numpy(), vertices, atol=atol)

    return check


CROP = (48, 64)
PLAIN = [dict(type='LoadHumanImage'), dict(type='FullFrameCrop', output_size=CROP), dict(type='PackHumanInputs')]
AUGMENTED = [PLAIN[0], dict(type='RandomFrameFlip', prob=1.), dict(type='RandomFrameRotate', prob=1.), *PLAIN[1:]]


@pytest.fixture
def train_and_evaluate(tmp_path, repo_root) -> Callable:
    """Converts a miniature, takes one step of training on it, and scores the network by a protocol's config.

    Returns what was scored; every figure must be a number.
    """

    def go(raw: RawDataset, protocol: str | None = None) -> dict[str, float]:
        file = tmp_path / 'human_data.npz'
        convert_dataset(raw, file, progress=False)
        draw_images(raw.root, file)
        with DefaultScope.overwrite_default_scope('cliff_ext'):
            network = tiny_network()
            people = HumanMeshDataset(dict(type='HumanDataLayout', file=file), raw.root, AUGMENTED, dict(type='SMPLBody'))
            before = network.head.fc1.weight.clone()
            losses = network.train_step(pseudo_collate([people[i] for i in range(len(people))]),
                                        OptimWrapper(torch.optim.SGD(network.parameters(), 1e-4)))
            assert all(value.isfinite().all() for value in losses.values()) and losses['loss_keypoints2d'] > 0
            assert not torch.equal(before, network.head.fc1.weight)
            return {} if protocol is None else score(network, raw.root, file, repo_root / 'configs' / '_base_' / protocol)

    return go


def draw_images(root: Path, file: Path) -> None:
    """Grey pictures where the annotations say there are some."""
    data = load_human_data(file)
    sizes = data.image_size if data.image_size is not None else np.full((len(data), 2), 256)
    for path, (width, height) in zip(data.image_path, sizes.astype(int), strict=True):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(root / path), np.full((height, width, 3), 127, np.uint8))


def tiny_network() -> torch.nn.Module:
    torch.manual_seed(0)
    return MODELS.build(dict(
        type='CLIFF', data_preprocessor=dict(type='mmengine.ImgDataPreprocessor', mean=[127.] * 3, std=[128.] * 3),
        backbone=dict(type='mmdet.ResNet', depth=18, base_channels=8, out_indices=(3, )), neck=dict(type='GlobalPool'),
        head=dict(type='CLIFFHead', in_channels=64, hidden=16), loss=dict(type='HumanMeshLoss')))


def score(network: torch.nn.Module, root: Path, file: Path, protocol: Path) -> dict[str, float]:
    cfg = Config.fromfile(protocol)
    layout = dict(cfg.test_dataloader.dataset.layout, file=file)
    people = HumanMeshDataset(layout, root, PLAIN, test_mode=True)
    metric = METRICS.build(dict(cfg.test_evaluator, body_model=dict(type='SMPLBody'), outfile_prefix=None))
    evaluator = Evaluator(metric)
    evaluator.dataset_meta = people.metainfo
    batch = pseudo_collate([people[i] for i in range(len(people))])
    with torch.no_grad():
        evaluator.process(network.eval().test_step(batch), batch)
    figures = evaluator.evaluate(len(people))
    assert figures and all(np.isfinite(value) for value in figures.values()), figures
    return figures
