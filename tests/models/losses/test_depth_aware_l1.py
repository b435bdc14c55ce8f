import pytest
import torch

from cliff_ext.models import DepthAwareL1Loss


def test_unseen_joints_and_unknown_depths_count_as_zero():
    pred, target = torch.zeros(2, 2, 3), torch.tensor([[[1., 2., 3.], [1., 1., 1.]]] * 2)
    visible, has_depth = torch.tensor([[1., 0.], [1., 1.]]), torch.tensor([1., 0.])
    each = DepthAwareL1Loss(reduction='none')(pred, target, visible, has_depth)
    assert torch.allclose(each, torch.tensor([[2., 0.], [1., 2 / 3]]))
    assert DepthAwareL1Loss()(pred, target, visible, has_depth).item() == pytest.approx(11 / 12)


def test_other_reductions_are_refused():
    with pytest.raises(ValueError, match="'mean' or 'none'"):
        DepthAwareL1Loss(reduction='sum')
