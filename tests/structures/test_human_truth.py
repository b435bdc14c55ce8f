import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cliff_ext.body_models.smpl import PARENTS
from cliff_ext.geometry import project_points, rotvec_to_rotmat
from cliff_ext.structures import MIRROR, HumanTruth, map_joints
from cliff_ext.structures.human_truth import mirrored_order

SIZE, FOCAL = (640, 480), 700.


def turn(degrees: float) -> np.ndarray:
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])


class Puppet:
    """Joints of a body whose rest pose is its own mirror image, posed as SMPL poses them."""

    def __init__(self, rng: np.random.Generator) -> None:
        rest = rng.normal(0, 0.5, (24, 3))
        self.rest = (rest + (rest @ MIRROR)[mirrored_order('smpl24')]) / 2

    def pose(self, truth: HumanTruth) -> np.ndarray:
        """(49, 4) joints in the camera, those known with confidence 1."""
        rotations = [truth.global_orient]
        places = [truth.transl + self.rest[0]]
        for joint in range(1, 24):
            parent = PARENTS[joint]
            places.append(places[parent] + rotations[parent] @ (self.rest[joint] - self.rest[parent]))
            rotations.append(rotations[parent] @ truth.body_pose[joint - 1])
        points, known = map_joints(np.array(places), 'smpl24', 'spin49')
        return np.concatenate([points, known[:, None]], 1)


def project(points: np.ndarray) -> np.ndarray:
    """Pixels (49, 2) of joints (49, 4); zeros where unknown."""
    points = np.where(points[:, 3:] > 0, points[:, :3], [0, 0, 1])
    return project_points(torch.from_numpy(points), torch.tensor(FOCAL), torch.tensor(SIZE) / 2).numpy()


def make(seed: int) -> tuple[Puppet, HumanTruth]:
    rng = np.random.default_rng(seed)
    puppet = Puppet(rng)
    rotations = rotvec_to_rotmat(torch.from_numpy(rng.normal(0, 1, (24, 3)))).numpy()
    truth = HumanTruth(
        keypoints2d=np.zeros((49, 3)), keypoints3d=np.zeros((49, 4)), global_orient=rotations[0], body_pose=rotations[1:],
        betas=rng.normal(0, 1, 10), transl=rng.normal(0, 1, 3) + [0, 0, 20], has_smpl=True, has_betas=True, has_transl=True,
        pelvis=puppet.rest[0], keypoints3d_eval=rng.normal(0, 1, (14, 4)), eval_skeleton='lsp14')
    joints = puppet.pose(truth)
    pixels = np.concatenate([project(joints), joints[:, 3:]], 1)
    return puppet, HumanTruth(**{**vars(truth), 'keypoints3d': joints, 'keypoints2d': pixels})


moves = st.lists(st.one_of(st.just(MIRROR), st.floats(-180, 180).map(turn)), min_size=1, max_size=3)


@given(st.integers(0, 10**6), moves)
def test_projecting_the_moved_person_is_moving_the_projected_person(seed, matrices):
    puppet, truth = make(seed)
    for matrix in matrices:
        truth = truth.moved(matrix, SIZE)
    joints = puppet.pose(truth)
    known = joints[:, 3] > 0
    np.testing.assert_allclose(joints[known], truth.keypoints3d[known], atol=1e-9)
    np.testing.assert_allclose(project(joints)[known], truth.keypoints2d[known, :2], atol=1e-6)


@given(st.integers(0, 10**6), st.floats(-180, 180))
def test_moves_can_be_undone(seed, angle):
    _, truth = make(seed)
    back = truth.moved(turn(angle), SIZE).moved(MIRROR, SIZE).moved(MIRROR, SIZE).moved(turn(-angle), SIZE)
    for name in ('keypoints2d', 'keypoints3d', 'global_orient', 'body_pose', 'transl', 'keypoints3d_eval'):
        np.testing.assert_allclose(getattr(back, name), getattr(truth, name), atol=1e-6, err_msg=name)


def test_a_mirrored_persons_left_hand_was_its_right():
    _, truth = make(0)
    flipped = truth.moved(MIRROR, SIZE)
    left, right = 7, 4  # wrists of spin49
    assert flipped.keypoints2d[left, 0] == pytest.approx(SIZE[0] - truth.keypoints2d[right, 0])
    assert flipped.keypoints2d[left, 1] == pytest.approx(truth.keypoints2d[right, 1])
    np.testing.assert_allclose(flipped.body_pose[17], MIRROR @ truth.body_pose[18] @ MIRROR)  # elbows
    np.testing.assert_allclose(flipped.keypoints3d_eval[6, 0], -truth.keypoints3d_eval[11, 0])  # wrists of lsp14
    assert flipped.betas is truth.betas


def test_a_quarter_turn_takes_right_to_down():
    _, truth = make(1)
    turned = truth.moved(turn(90), SIZE)
    offset = truth.keypoints2d[:, :2] - [320, 240]
    np.testing.assert_allclose(turned.keypoints2d[:, :2] - [320, 240], np.stack([-offset[:, 1], offset[:, 0]], 1), atol=1e-9)
    np.testing.assert_array_equal(turned.body_pose, truth.body_pose)


def test_a_translation_cannot_be_moved_without_the_pelvis():
    _, truth = make(0)
    with pytest.raises(ValueError, match="transl can only be turned .* body_model=dict"):
        HumanTruth(**{**vars(truth), 'pelvis': None}).moved(turn(5), SIZE)
    unknown = HumanTruth(**{**vars(truth), 'pelvis': None, 'has_transl': False})
    assert unknown.moved(turn(5), SIZE).transl is unknown.transl


def test_instances_have_every_field_and_flags():
    _, truth = make(0)
    instances = HumanTruth(**{**vars(truth), 'has_betas': False}).to_instances()
    shapes = {name: tuple(value.shape) for name, value in instances.items()}
    assert shapes == dict(
        keypoints2d=(1, 49, 3), keypoints3d=(1, 49, 4), global_orient=(1, 3, 3), body_pose=(1, 23, 3, 3), betas=(1, 10),
        transl=(1, 3), has_smpl=(1, ), has_betas=(1, ), has_transl=(1, ), has_keypoints3d=(1, ), keypoints3d_eval=(1, 14, 4))
    assert all(value.dtype == torch.float32 for value in instances.values())
    assert instances.has_smpl.item() == 1 and instances.has_betas.item() == 0 and instances.has_keypoints3d.item() == 1
