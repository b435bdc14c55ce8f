import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cliff_ext.models.refiners.attention import Attention, TransformerLayer, sinusoid_positions


def textbook(attention, x, memory):
    """Softmax attention head by head."""
    size, parts = attention.head_dims, []
    for head in range(attention.num_heads):
        rows = slice(head * size, (head + 1) * size)
        q, k, v = (tokens @ linear.weight[rows].T for tokens, linear in (
            (x, attention.query), (memory, attention.key), (memory, attention.value)))
        parts.append(torch.softmax(q @ k.mT / size**0.5, -1) @ v)
    return torch.cat(parts, -1) @ attention.out.weight.T


@given(dims=st.integers(1, 12), heads=st.integers(1, 3), size=st.integers(1, 6), length=st.integers(1, 5),
       places=st.integers(1, 9))
def test_both_forms_are_attention(dims, heads, size, length, places):
    torch.manual_seed(dims)
    attention = Attention(dims, heads, size).double().eval()
    x, memory = torch.randn(2, length, dims).double(), torch.randn(2, places, dims).double()
    wanted = textbook(attention, x, memory)
    for form in (attention._standard, attention._absorbed, attention):
        torch.testing.assert_close(form(x, memory), wanted)


def test_the_cheaper_form_is_taken(monkeypatch):
    attention = Attention(128, 4, 64)
    taken = []
    for name in ('_standard', '_absorbed'):
        monkeypatch.setattr(attention, name, lambda x, memory, name=name: taken.append(name))
    x = torch.zeros(1, 8, 128)
    attention(x, x)
    attention(x, torch.zeros(1, 16, 128))
    assert taken == ['_standard', '_absorbed']


def test_dropout_in_training_only():
    torch.manual_seed(0)
    layer, x = TransformerLayer(8, 2, 4, 0.5), torch.randn(1, 4, 8)
    assert not torch.equal(layer(x), layer(x))
    layer.eval()
    assert torch.equal(layer(x), layer(x))


@pytest.mark.parametrize('dims', [8, 7])
def test_position_codes(dims):
    codes = sinusoid_positions(5, dims)
    wanted = [[(np.sin, np.cos)[i % 2](t / 10000**(2 * (i // 2) / dims)) for i in range(dims)] for t in range(5)]
    np.testing.assert_allclose(codes, wanted, atol=1e-7)
