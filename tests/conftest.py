"""Shared pieces: tiny models, clips and tracks."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope

import cliff_ext  # noqa: F401  arms the import hooks before any test imports mmcv
from cliff_ext.io import VideoWriter
from cliff_ext.structures import HumanTrack

hypothesis.settings.register_profile('cliff_ext', deadline=None, max_examples=25, derandomize=True)
hypothesis.settings.load_profile('cliff_ext')
torch.set_num_threads(1)


@pytest.fixture(scope='session')
def repo_root() -> Path:
    """The checkout's top folder."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def no_default_scope():
    """Runners leave their default scope behind; no test may build under another one's."""
    DefaultScope._instance_dict.clear()


@pytest.fixture
def make_clip(tmp_path: Path):
    """A clip of moving gradients; returns its path."""

    def make(frames: int = 6, size: tuple[int, int] = (96, 64), name: str = 'clip.mp4') -> Path:
        path = tmp_path / name
        ramp = np.linspace(0, 255, size[0])[None].repeat(size[1], 0)
        with VideoWriter(path, 25) as writer:
            for t in range(frames):
                writer.write(np.stack([np.roll(ramp, 4 * t, 1), ramp, 255 - ramp],
                                      -1).astype(np.uint8))
        return path

    return make


@pytest.fixture
def make_track():
    """A track of the rest pose walking away."""

    def make(frames=(0, 1, 2), track_id: int = 0, **changes) -> HumanTrack:
        count = len(frames)
        fields = dict(
            track_id=track_id, frame_ids=np.array(frames, np.int64), bboxes=np.tile([10., 10., 40., 60.], (count, 1)),
            scores=np.full(count, 0.9), filled=np.zeros(count, bool),
            global_orient=np.tile(np.diag([1., -1., -1.]), (count, 1, 1)),
            body_pose=np.tile(np.eye(3), (count, 23, 1, 1)), betas=np.zeros((count, 10)),
            transl=np.stack([[0., 0., 3. + t] for t in range(count)]) if count else np.zeros((0, 3)),
            focal_length=np.full(count, 100.), image_size=(96, 64))
        return HumanTrack(**{**fields, **changes})

    return make
