import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cliff_ext import geometry as g


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.2, 5))
def test_any_similarity_is_undone(seed, scale):
    rng = torch.Generator().manual_seed(seed)
    target = torch.randn(2, 17, 3, generator=rng, dtype=torch.float64)
    rotmat = g.rotvec_to_rotmat(torch.randn(2, 3, generator=rng, dtype=torch.float64))
    moved = scale * target @ rotmat.mT + torch.randn(2, 1, 3, generator=rng, dtype=torch.float64)
    assert torch.allclose(g.procrustes_align(moved, target), target, atol=1e-8)


def test_a_mirror_image_is_not_mirrored_back():
    target = torch.randn(10, 3, dtype=torch.float64)
    mirrored = target * torch.tensor([-1., 1., 1.])
    assert (g.procrustes_align(mirrored, target) - target).norm() > 0.1


def test_rigid_alignment_keeps_the_size():
    target = torch.randn(8, 3, dtype=torch.float64)
    aligned = g.procrustes_align(2 * target, target, with_scale=False)
    assert torch.allclose(aligned - aligned.mean(0), 2 * (target - target.mean(0)), atol=1e-9)


def test_shapes_must_agree():
    with pytest.raises(ValueError, match='source and target'):
        g.procrustes_align(torch.zeros(4, 3), torch.zeros(5, 3))
