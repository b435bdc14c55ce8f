"""What all tests share: one thread, a hypothesis profile for slow machines, and the import hooks of cliff_ext."""

from pathlib import Path

import hypothesis
import pytest
import torch

import cliff_ext  # noqa: F401  arms the import hooks before any test imports mmcv

hypothesis.settings.register_profile('cliff_ext', deadline=None, max_examples=25, derandomize=True)
hypothesis.settings.load_profile('cliff_ext')
torch.set_num_threads(1)


@pytest.fixture(scope='session')
def repo_root() -> Path:
    """The checkout's top folder."""
    return Path(__file__).resolve().parents[1]
