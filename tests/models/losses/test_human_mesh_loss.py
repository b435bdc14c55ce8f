import pytest
import torch
from mmengine.structures import InstanceData

from cliff_ext.body_models import SMPL
from cliff_ext.geometry import project_points, rotvec_to_rotmat, transl_to_crop_cam
from cliff_ext.models import CLIFFHeadOutput, HumanMeshLoss
from cliff_ext.models.losses import HumanTargets
from cliff_ext.structures import FullFrame, HumanDataSample

FRAME = dict(center=(500., 300.), scale=1.5, image_size=(1280, 720), focal_length=1000.)
TERMS = {f'loss_{name}' for name in ('keypoints2d', 'keypoints3d', 'pose', 'betas', 'camera')}


@pytest.fixture(scope='module')
def body():
    return SMPL()


@pytest.fixture(scope='module')
def loss():
    return HumanMeshLoss(openpose_weight=1.)


def pose(seed: int = 0) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    rotations = rotvec_to_rotmat(torch.randn(1, 24, 3, generator=generator) * 0.3)
    return dict(global_orient=rotations[:, 0], body_pose=rotations[:, 1:], betas=torch.randn(1, 10, generator=generator),
                transl=torch.tensor([[-0.4, -0.2, 4.]]))


def person(body, seed: int = 0, **changes) -> HumanDataSample:
    """A person of whom everything is known, in FRAME."""
    known = pose(seed)
    joints = body(**known).joints
    points = project_points(joints, torch.tensor([1000.]), torch.tensor([[640., 360.]]))
    confident = torch.ones(1, 49, 1)
    one = torch.ones(1)
    sample = HumanDataSample(metainfo=dict(FRAME, sample_id=f'picture/{seed}', gender=changes.pop('gender', 'neutral')))
    sample.gt_instances = InstanceData(**{**known, **dict(
        keypoints2d=torch.cat([points, confident], 2), keypoints3d=torch.cat([joints + 5, confident], 2), has_smpl=one,
        has_betas=one, has_transl=one, has_keypoints3d=one), **changes})
    return sample


def perfect(samples: list[HumanDataSample]) -> tuple[CLIFFHeadOutput, FullFrame]:
    """What a head that knows all would say."""
    frame = FullFrame.of(samples, torch.device('cpu'))
    truth = {name: torch.cat([s.gt_instances[name] for s in samples]) for name in ('global_orient', 'body_pose', 'betas')}
    transl = torch.cat([s.gt_instances.transl for s in samples])
    cam = transl_to_crop_cam(transl, frame.center, frame.scale, frame.image_size, frame.focal_length)
    return CLIFFHeadOutput(**truth, crop_cam=cam, pose6d=torch.zeros(len(samples), 144)), frame


def test_the_truth_costs_nothing_but_the_camera(body, loss):
    samples = [person(body, seed) for seed in range(3)]
    output, frame = perfect(samples)
    terms = loss(output, frame, samples)
    assert terms.keys() == TERMS
    scale = output.crop_cam[:, 0]
    assert terms.pop('loss_camera') == pytest.approx(float(60 * (-20 * scale).exp().mean()), rel=1e-4)
    assert all(float(value) < 1e-6 for value in terms.values())


def test_the_unit_of_2d_errors_is_half_a_box(body, loss):
    samples = [person(body)]
    output, frame = perfect(samples)
    samples[0].gt_instances.keypoints2d[..., 0] += 0.5 * 300  # half a box to the right
    off = loss(output, frame, samples)['loss_keypoints2d']
    assert off == pytest.approx(300 / 2, rel=1e-4)  # x is off by 1, y is right
    samples[0].gt_instances.keypoints2d[:, 10:, 2] = 0
    assert loss(output, frame, samples)['loss_keypoints2d'] == pytest.approx(150 * 10 / 49, rel=1e-4)
    assert HumanMeshLoss()(output, frame, samples)['loss_keypoints2d'] == 0  # the ten left are OpenPose's


def test_3d_errors_are_seen_from_the_hips(body, loss):
    samples = [person(body)]
    output, frame = perfect(samples)
    samples[0].gt_instances.keypoints3d[:, 30, 1] += 0.2
    assert loss(output, frame, samples)['loss_keypoints3d'] == pytest.approx(300 * 0.04 / 72, rel=1e-4)
    samples[0].gt_instances.keypoints3d[:, 27, 3] = 0  # without a hip there is nothing to align
    assert loss(output, frame, samples)['loss_keypoints3d'] == 0


@pytest.mark.parametrize('flag, terms', [('has_smpl', ['pose', 'vertices']), ('has_betas', ['betas', 'vertices']),
                                         ('has_keypoints3d', ['keypoints3d'])])
def test_people_without_a_truth_do_not_count(body, flag, terms):
    loss = HumanMeshLoss(vertices_weight=1.)
    known, unknown = person(body, 0), person(body, 1, **{flag: torch.zeros(1)})
    wrong = person(body, 2)
    output, frame = perfect([wrong, wrong])
    both, alone = loss(output, frame, [known, unknown]), loss(*_first(output, frame), [known])
    nobody = loss(*_first(output, frame), [unknown])
    for term in terms:
        assert both[f'loss_{term}'] == pytest.approx(float(alone[f'loss_{term}']), rel=1e-4) and alone[f'loss_{term}'] > 0
        assert nobody[f'loss_{term}'] == 0


def _first(output: CLIFFHeadOutput, frame: FullFrame) -> tuple[CLIFFHeadOutput, FullFrame]:
    return tuple(type(whole)(*(getattr(whole, name)[:1] for name in whole.__dataclass_fields__))
                 for whole in (output, frame))


def test_betas_of_gendered_bodies_are_not_learned(body):
    samples = [person(body, gender='female')]
    output, frame = perfect([person(body, 1)])
    terms = HumanMeshLoss(vertices_weight=1.)(output, frame, samples)
    assert terms['loss_betas'] == terms['loss_vertices'] == 0 and terms['loss_pose'] > 0


def test_full_frame_and_crop_agree_in_the_middle_only(body):
    """Far away and on the optical axis both cameras see the same; at the frame's border they do not."""
    joints = body(**pose() | dict(transl=torch.zeros(1, 3))).joints
    cam = torch.tensor([[0.8, 0.05, -0.1]])
    far = FullFrame(torch.tensor([[640., 360.]]), torch.tensor([0.5]), torch.tensor([[1280., 720.]]),
                    torch.tensor([100 * 5000 / 224]))
    torch.testing.assert_close(far.project(joints, cam), far.project_in_crop(joints, cam), rtol=0, atol=1e-2)
    border = FullFrame(torch.tensor([[1200., 360.]]), torch.tensor([2.]), torch.tensor([[1280., 720.]]),
                       torch.tensor([800.]))
    gap = (border.project(joints, cam) - border.project_in_crop(joints, cam)).norm(dim=-1)
    assert gap.max() > 20


@pytest.mark.parametrize('full_frame', [True, False])
def test_descent_on_keypoints_alone_finds_the_place(body, full_frame):
    samples = [person(body)]
    output, frame = perfect(samples)
    loss = HumanMeshLoss(openpose_weight=1., full_frame=full_frame)
    cam = torch.tensor([[0.5, 0., 0.]], requires_grad=True)
    optimizer = torch.optim.Adam([cam], 0.02)
    for _ in range(150):
        optimizer.zero_grad()
        output.crop_cam = cam
        value = loss(output, frame, samples)['loss_keypoints2d']
        value.backward()
        optimizer.step()
    if full_frame:
        torch.testing.assert_close(frame.transl(cam.detach()), samples[0].gt_instances.transl, rtol=0.01, atol=0.01)
    assert value < 1.5  # a few hundredths of a box


def test_a_person_behind_the_camera_gives_finite_gradients(body, loss):
    samples = [person(body)]
    output, frame = perfect(samples)
    output.crop_cam = torch.tensor([[-0.2, 0.1, 0.]], requires_grad=True)
    sum(loss(output, frame, samples).values()).backward()
    assert output.crop_cam.grad.isfinite().all() and output.crop_cam.grad[0, 0] < 0  # towards a positive scale


def test_precision_is_that_of_float32_under_autocast(body, loss):
    samples = [person(body)]
    output, frame = perfect([person(body, 1)])
    plain = loss(output, frame, samples)
    with torch.autocast('cpu', torch.bfloat16):
        assert {name: float(value) for name, value in loss(output, frame, samples).items()} == {
            name: float(value) for name, value in plain.items()}


def test_missing_truth_is_named(body, loss):
    samples = [person(body), person(body, 7)]
    del samples[1].gt_instances.has_betas
    with pytest.raises(ValueError, match=r'data sample 1 \(picture/7\) has no has_betas'):
        HumanTargets.of(samples, torch.device('cpu'))
    with pytest.raises(ValueError, match='global_orient, body_pose'):
        HumanTargets.of([HumanDataSample()], torch.device('cpu'))


def test_the_body_stays_out_of_checkpoints(loss):
    assert not loss.state_dict() and not list(loss.parameters())
    assert loss.to(torch.float64).body.body.v_template.dtype == torch.float64  # yet it moves with the network
    loss.to(torch.float32)
