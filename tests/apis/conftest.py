"""A tiny estimator with random weights, and a config of the whole pipeline around it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from cliff_ext.apis import build_model


@pytest.fixture(scope='session')
def tiny(tmp_path_factory) -> Path:
    """Folder with the config and weights of a tiny CLIFF."""
    folder = tmp_path_factory.mktemp('tiny')
    (folder / 'cliff.py').write_text('''
model = dict(type='CLIFF',
    data_preprocessor=dict(type='mmengine.ImgDataPreprocessor', mean=[123., 116., 103.], std=[58., 57., 57.],
                          bgr_to_rgb=True),
    backbone=dict(type='mmdet.ResNet', depth=18, base_channels=8, out_indices=(3, )),
    neck=dict(type='GlobalPool'), head=dict(type='CLIFFHead', in_channels=64, hidden=16))
test_pipeline = [dict(type='FullFrameCrop', output_size=(48, 64)), dict(type='PackHumanInputs')]
''')
    torch.manual_seed(0)
    model = build_model(folder / 'cliff.py')
    torch.save(dict(state_dict=model.state_dict()), folder / 'cliff.pth')
    return folder


@pytest.fixture
def config(tiny, repo_root):
    """The demo's config with the tiny estimator and boxes from a file."""

    def make(boxes: dict[int, list], path: Path, **changes) -> Config:
        (path / 'boxes.json').write_text(json.dumps({str(k): v for k, v in boxes.items()}))
        cfg = Config.fromfile(repo_root / 'configs' / 'video' / 'demo.py')
        estimator = dict(config=str(tiny / 'cliff.py'), checkpoint=str(tiny / 'cliff.pth'), batch_size=4)
        cfg.merge_from_dict(dict(estimator=estimator, min_frames=1, **changes))
        cfg.detector = dict(type='BoxFile', file=str(path / 'boxes.json'))
        return cfg

    return make


@pytest.fixture
def walking():
    """Boxes of two people walking right, one a frame later than the other."""
    left = [[10 + 2 * t, 8, 30 + 2 * t, 60, 0.9] for t in range(8)]
    right = [[50 + 2 * t, 8, 72 + 2 * t, 60, 0.8] for t in range(8)]
    return {t: [left[t], right[t]] for t in range(8)}


