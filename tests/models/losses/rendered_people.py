"""People of whom everything is known, before one camera, and networks' answers that are right."""

from __future__ import annotations

import torch
from mmengine.structures import InstanceData

from cliff_ext.body_models import SMPL, SMPLJoints
from cliff_ext.geometry import project_points, rotvec_to_rotmat, transl_to_crop_cam
from cliff_ext.models import CLIFFHeadOutput, PartFeatures
from cliff_ext.models.necks.part_attention import expected_place
from cliff_ext.structures import FullFrame, HumanDataSample

FRAME = dict(center=(330., 250.), scale=1.3, image_size=(640, 480), focal_length=500.)


def rendered(count: int, **changes: torch.Tensor) -> list[HumanDataSample]:
    """Samples of people who stand upright before the camera, in random poses."""
    generator = torch.Generator().manual_seed(0)
    upright = torch.diag(torch.tensor([1., -1., -1.]))
    samples = []
    for i in range(count):
        rotations = rotvec_to_rotmat(torch.randn(24, 3, generator=generator) * 0.2)
        known = dict(global_orient=(upright @ rotations[0])[None], body_pose=rotations[None, 1:],
                     betas=torch.randn(1, 10, generator=generator), transl=torch.tensor([[0.05, 0.3, 5.]]))
        known |= {name: torch.ones(1) for name in ('has_smpl', 'has_betas', 'has_transl')}
        known |= dict(has_keypoints3d=torch.zeros(1), keypoints2d=torch.zeros(1, 49, 3), keypoints3d=torch.zeros(1, 49, 4))
        sample = HumanDataSample(metainfo=dict(FRAME, sample_id=f'picture/{i}'))
        sample.gt_instances = InstanceData(**(known | changes))
        samples.append(sample)
    return samples


def frame_of(samples: list[HumanDataSample]) -> FullFrame:
    return FullFrame.of(samples, torch.device('cpu'))


def collected(samples: list[HumanDataSample], name: str) -> torch.Tensor:
    return torch.cat([sample.gt_instances[name] for sample in samples])


def right_answer(samples: list[HumanDataSample]) -> CLIFFHeadOutput:
    """What a head that knows all would say."""
    frame = frame_of(samples)
    orient, pose, betas, transl = (collected(samples, n) for n in ('global_orient', 'body_pose', 'betas', 'transl'))
    cam = transl_to_crop_cam(transl, frame.center, frame.scale, frame.image_size, frame.focal_length)
    columns = torch.cat([orient[:, None], pose], 1)[..., :2].flatten(1)
    return CLIFFHeadOutput(orient, pose, betas, cam, columns)


def right_parts(samples: list[HumanDataSample], certainty: float) -> PartFeatures:
    """Parts whose maps point, with the certainty asked for, at the true places."""
    frame = frame_of(samples)
    rotations = torch.cat([collected(samples, 'global_orient')[:, None], collected(samples, 'body_pose')], 1)
    joints = SMPLJoints(SMPL(), ()).bones(rotations, collected(samples, 'betas'))[1] + collected(samples, 'transl')[:, None]
    points = project_points(joints, frame.focal_length, frame.image_size / 2)
    place = (points - frame.center[:, None]) / frame.box[:, None, None] / torch.tensor([0.75, 1.]) + 0.5
    maps = []
    for width, height in ((12, 16), (24, 32)):
        across = place[..., :1] * width - 0.5 - torch.arange(width)
        down = place[..., 1:] * height - 0.5 - torch.arange(height)
        maps.append(-certainty * (across[:, :, None]**2 + down[..., None]**2))
    count = len(samples)
    return PartFeatures(*maps, expected_place(maps[1]), torch.zeros(count, 24, 48), torch.zeros(count, 24, 4),
                        torch.zeros(count, 28, 16, 12), torch.zeros(count, 28, 32, 24))
