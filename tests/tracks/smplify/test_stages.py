from dataclasses import replace

import pytest
import torch

from cliff_ext.registry import TASK_UTILS
from cliff_ext.structures import get_skeleton, joint_map
from cliff_ext.tracks.smplify import BatchLBFGS, BodyStage, CameraStage
from cliff_ext.tracks.smplify.stages import torso_groups
from cliff_ext.tracks.smplify.windows import Window, stack_windows


@pytest.fixture
def batch(person):
    _, estimate = person(2)
    return stack_windows([Window(0, 0, 1), Window(0, 1, 2)], [estimate], [estimate.keypoints2d], [estimate.betas], None)


def test_only_what_is_free_moves(projector, batch):
    stage = BodyStage(dict(type='RestPosePrior'), free=['body_pose', 'betas'], iterations=5)
    found = stage(projector, batch, BatchLBFGS())
    assert torch.equal(found.transl, batch.transl) and torch.allclose(found.global_orient, batch.global_orient)
    assert not torch.equal(found.body_pose, batch.body_pose) and not torch.equal(found.betas, batch.betas)
    held = stage(projector, batch, BatchLBFGS(), fixed=['betas'])
    assert torch.equal(held.betas, batch.betas)


def test_the_camera_stage_puts_a_shifted_body_back(projector, person):
    truth, _ = person(1)
    moved = truth.replace(transl=truth.transl + [0.3, -0.2, 0.])
    batch = stack_windows([Window(0, 0, 1)], [moved], [moved.keypoints2d], [moved.betas], None)
    found = CameraStage(iterations=60)(projector, batch, BatchLBFGS())
    assert torch.allclose(found.transl[0], torch.from_numpy(truth.transl), atol=0.01)
    assert found.loss.item() < 10


def test_ignored_joints_do_not_count(projector, batch):
    names = get_skeleton('spin49').joint_names
    all_ignored = BodyStage(dict(type='RestPosePrior'), iterations=1, ignored=[names[j] for j in projector.joints])
    usual = BodyStage(dict(type='RestPosePrior'), iterations=1)
    shifted = batch.keypoints.clone()
    shifted[..., :2] += 50
    for stage, same in ((all_ignored, True), (usual, False)):
        losses = [stage(projector, b, BatchLBFGS()).loss for b in (batch, replace(batch, keypoints=shifted))]
        assert torch.allclose(*losses) == same


def test_an_anchor_keeps_the_pose_near_the_estimate(projector, batch):
    moved = []
    for weight in (0., 1e6):
        found = BodyStage(dict(type='RestPosePrior'), iterations=20, anchor=weight)(projector, batch, BatchLBFGS())
        moved.append((found.body_pose - batch.body_pose).abs().mean())
    assert moved[1] < 0.1 * moved[0]


def test_hips_and_shoulders_of_either_definition():
    coco, openpose = (torso_groups(joint_map('spin49', name)[1].tolist()) for name in ('coco17', 'openpose25'))
    assert coco == ((12, 11, 6, 5), ) and openpose == ((9, 12, 2, 5), )


def test_settings():
    stage = TASK_UTILS.build(dict(type='BodyStage', pose_prior=dict(type='RestPosePrior'), velocity=(1., 2.)))
    assert stage.velocity == (1., 2.) and isinstance(stage, BodyStage)
    with pytest.raises(ValueError, match='free must be some of'):
        CameraStage(free=['knees'])
    with pytest.raises(ValueError, match="no joints \\['tail'\\]"):
        BodyStage(dict(type='RestPosePrior'), ignored=['tail'])
