"""Every track_pipeline that ships can be built with the weights that ship."""

from pathlib import Path

import pytest
from mmengine.config import Config

from cliff_ext.apis import build_track_pipeline
from cliff_ext.registry import TRACK_TRANSFORMS

ROOT = Path(__file__).resolve().parents[2] / 'configs'
CONFIGS = sorted(path for folder in ('synsp', 'smoothnet', 'video') for path in (ROOT / folder).glob('*.py')
                 if 'mocap' in path.stem or path.stem.endswith('_synsp') or path.stem == 'demo')


@pytest.mark.parametrize('path', CONFIGS, ids=[path.stem for path in CONFIGS])
def test_a_track_pipeline_that_ships(path):
    steps = Config.fromfile(path).track_pipeline
    assert all(TRACK_TRANSFORMS.get(step['type']) is not None for step in steps)
    learned = [step for step in steps if step['type'] == 'LearnedRefine']
    assert len(learned) == 1
    assert len(build_track_pipeline(path)) == len(steps)
