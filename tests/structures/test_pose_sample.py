import pytest
import torch

from cliff_ext.structures import PoseSample


def test_a_pose_sample_carries_poses_and_what_they_are():
    sample = PoseSample(metainfo=dict(sequence='02_01', frame_ids=list(range(8)), representation='keypoints3d'))
    sample.gt_pose = torch.zeros(8, 51)
    sample.pred_pose = torch.ones(8, 51)
    half = sample.to(torch.float16)
    assert half.pred_pose.dtype == torch.float16 and half.sequence == '02_01'
    del sample.pred_pose
    assert not hasattr(sample, 'pred_pose') and sample.gt_pose.shape == (8, 51)


def test_poses_are_tensors():
    with pytest.raises(AssertionError, match='Tensor'):
        PoseSample().gt_pose = [1., 2.]
