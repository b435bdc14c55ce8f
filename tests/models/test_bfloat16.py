import pytest
import torch

from cliff_ext.models import bfloat16
from cliff_ext.models.bfloat16 import bfloat16_is_fast, warn_of_slow_bfloat16


@pytest.fixture
def messages(monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(bfloat16, 'print_log', lambda message, **_: said.append(message))
    warn_of_slow_bfloat16.cache_clear()
    yield said
    warn_of_slow_bfloat16.cache_clear()


def test_only_processors_can_be_slow():
    assert bfloat16_is_fast('cuda:0') and bfloat16_is_fast('mps')
    assert bfloat16_is_fast('cpu') == torch.ops.mkldnn._is_mkldnn_bf16_supported()


def test_a_slow_processor_is_named_once(monkeypatch, messages):
    monkeypatch.setattr(bfloat16, 'bfloat16_is_fast', lambda device: False)
    for _ in range(2):
        warn_of_slow_bfloat16('cpu')
    assert len(messages) == 1 and 'no instructions for it' in messages[0]


def test_nothing_is_said_where_it_is_fast(monkeypatch, messages):
    monkeypatch.setattr(bfloat16, 'bfloat16_is_fast', lambda device: True)
    warn_of_slow_bfloat16('cpu')
    assert messages == []
