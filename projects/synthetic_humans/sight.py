"""What a trained trunk sees of rendered people, and the same simulated for any pose: what a FeedbackHead learns from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from ablation_data import PLACE, features_of
from scene import random_camera_rotation
from scipy.spatial.transform import Rotation
from torch import Tensor

from cliff_ext.body_models import SMPL, SMPLJoints
from cliff_ext.geometry import BOX_UNIT, bbox_to_center_scale, transl_to_crop_cam
from cliff_ext.models import CLIFF
from cliff_ext.models.heads.map_reading import sharpest
from cliff_ext.structures import MIRROR, FullFrame, mirrored_order

ASPECT = 0.75
MODES = 3
"""Places that a simulated map can show at once."""
FLESH = 0.06
"""Metres from the outermost joints to the body's outline."""


@dataclass
class People:
    """N people: what is seen of them (N, C), where their crops lie, and the truth (N, 24, 3, 3), (N, 10), (N, 3)."""

    feature: Tensor
    frame: FullFrame
    rotmats: Tensor
    betas: Tensor
    transl: Tensor

    def __len__(self) -> int:
        return len(self.betas)

    def __getitem__(self, rows: Tensor) -> People:
        return People(self.feature[rows].float(), rows_of(self.frame, rows), self.rotmats[rows], self.betas[rows],
                      self.transl[rows])


def rows_of(frame: FullFrame, rows: Tensor) -> FullFrame:
    """Some of the crops."""
    return FullFrame(*(getattr(frame, field.name)[rows] for field in fields(FullFrame)))


def see(folders: Sequence[Path], cache: Path, trunk: Callable[[], CLIFF], seed: int | None) -> People:
    """All crops of ``folders``, augmented by ``seed``, ``seed`` + 1, …; ``cache`` keeps what is seen for the next call."""
    features, parts = [], []
    for i, folder in enumerate(folders):
        mine = None if seed is None else seed + i
        file = cache / f'{folder.name}_{"plain" if mine is None else f"seed{mine}"}.npy'
        feature, columns = features_of(folder, file, trunk, mine)
        features.append(feature)
        parts.append(columns)
    columns = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
    rotmats = torch.cat([columns['global_orient'][:, None], columns['body_pose']], 1)
    return People(torch.from_numpy(np.concatenate(features)), FullFrame(*(columns[name] for name in PLACE)), rotmats,
                  columns['betas'], columns['transl'])


class SimulatedSight:
    """Maps of any pose, with the errors that a trunk makes on people it really sees.

    A simulated person stands where a real one stood, in another pose. Each place that the real maps showed is moved: one
    upon a joint, be it another joint than the map's, goes where the new pose has that joint, off by as much as before.
    Nothing else is known of the person: the rest of the feature is 0.

    Args:
        real: What a trunk saw.
        map_size: (width, height) of its maps.
        natural: (P, 24, 3, 3) poses, root in a z-up world.
        mixed: The same, of :meth:`PoseSource.mix`.
    """

    def __init__(self, real: People, map_size: tuple[int, int], natural: np.ndarray, mixed: np.ndarray) -> None:
        self.real, self.map_size = real, map_size
        self.poses = [torch.from_numpy(np.asarray(poses, np.float32)) for poses in (natural, mixed)]
        self.joints = SMPLJoints(SMPL())
        width, height = map_size
        self.maps = 24 * width * height
        parts = [self._modes(real[torch.arange(start, min(start + 512, len(real)))]) for start in range(0, len(real), 512)]
        self.joint, self.off, self.mass = (torch.cat(column) for column in zip(*parts, strict=True))

    def _places(self, rotmats: Tensor, betas: Tensor, transl: Tensor, frame: FullFrame) -> Tensor:
        """Joints (N, 24, 2) in the crops, 0 to 1 inside."""
        _, joints = self.joints.bones(rotmats, betas)
        cam = transl_to_crop_cam(transl, frame.center, frame.scale, frame.image_size, frame.focal_length)
        off = (frame.project(joints, cam) - frame.center[:, None]) / frame.box[:, None, None]
        return off / off.new_tensor([ASPECT, 1.]) + 0.5

    def _modes(self, people: People) -> tuple[Tensor, Tensor, Tensor]:
        """Of each map, which joint its places are upon (N, 24, M), how far off (N, 24, M, 2), and their probabilities."""
        width, height = self.map_size
        maps = people.feature[:, -self.maps:].unflatten(1, (24, height, width)).clone()
        true = self._places(people.rotmats, people.betas, people.transl, people.frame).clamp(0, 1)
        favour = 0.03 * torch.eye(24) + 0.01 * torch.eye(24)[mirrored_order('smpl24')]
        columns = []
        for _ in range(MODES):
            place, mass = sharpest(maps)
            away = ((place[:, :, None] - true[:, None]) * true.new_tensor([ASPECT, 1.])).norm(dim=-1)
            nearest, joint = (away - favour).min(-1)
            joint = torch.where(nearest < 0.05, joint, torch.arange(24))
            columns.append((joint, place - true.gather(1, joint[..., None].expand(-1, -1, 2)), mass))
            far = (torch.arange(width) + 0.5 - place[..., :1] * width).abs()[..., None, :] > 2.5
            maps = maps * (far | ((torch.arange(height) + 0.5 - place[..., 1:] * height).abs()[..., None] > 2.5)) + 1e-12
        joint, off, mass = (torch.stack(column, 2) for column in zip(*columns, strict=True))
        return joint, off, mass

    def draw(self, rng: np.random.Generator, count: int, natural: float = 0.5) -> People:
        """About ``count`` people, ``natural`` of them in poses as they come; those outside the frame are left out."""
        rows = torch.from_numpy(rng.integers(len(self.real), size=count))
        frame, rotmats = rows_of(self.real.frame, rows), self._pose(rng, count, natural)
        betas = torch.from_numpy(np.clip(rng.normal(size=(count, 10)) * 0.9, -2.5, 2.5)).float()
        pelvis = self.joints.bones(self.real.rotmats[rows], self.real.betas[rows])[1][:, 0] + self.real.transl[rows]
        transl = pelvis - self.joints.bones(rotmats, betas)[1][:, 0]
        frame, inside = self._crop(rng, frame, self.joints(rotmats, betas, transl))
        true = self._places(rotmats, betas, transl, frame).clamp(0, 1)
        joint = self.joint[rows].flatten(1)[..., None].expand(-1, -1, 2)
        places = (true.gather(1, joint).unflatten(1, (24, MODES)) + self.off[rows]).clamp(0, 1)
        maps = draw_maps(places, self.mass[rows], self.map_size).flatten(1)
        blind = maps.new_zeros(count, self.real.feature.shape[1] - self.maps)
        return People(torch.cat([blind, maps], 1), frame, rotmats, betas, transl)[inside.nonzero()[:, 0]]

    def _pose(self, rng: np.random.Generator, count: int, natural: float) -> Tensor:
        """(N, 24, 3, 3), half of them mirrored, seen from anywhere."""
        some = round(count * natural)
        rotmats = torch.cat([poses[torch.from_numpy(rng.integers(len(poses), size=n))]
                             for poses, n in zip(self.poses, (some, count - some), strict=True)])
        mirror = torch.from_numpy(MIRROR).float()
        flips = torch.from_numpy(rng.random(count) < 0.5)[:, None, None, None]
        rotmats = torch.where(flips, mirror @ rotmats[:, mirrored_order('smpl24')] @ mirror, rotmats)
        shake = Rotation.from_rotvec(rng.normal(size=(count * 23, 3)) * 0.05).as_matrix().reshape(count, 23, 3, 3)
        view = torch.from_numpy(np.stack([random_camera_rotation(rng) for _ in range(count)])).float()
        return torch.cat([(view @ rotmats[:, 0])[:, None], rotmats[:, 1:] @ torch.from_numpy(shake).float()], 1)

    @staticmethod
    def _crop(rng: np.random.Generator, frame: FullFrame, joints: Tensor) -> tuple[FullFrame, Tensor]:
        """Crops, a little off, about what the frame shows of the people; and of whom it shows enough."""
        depth = joints[..., 2:].clamp(min=0.1)
        pixels = frame.focal_length[:, None, None] * joints[..., :2] / depth + frame.image_size[:, None] / 2
        flesh = (frame.focal_length[:, None, None] * FLESH / depth)
        low = torch.minimum((pixels - flesh).amin(1).clamp(min=0), frame.image_size)
        high = torch.minimum((pixels + flesh).amax(1).clamp(min=0), frame.image_size)
        center, scale = bbox_to_center_scale(torch.cat([low, high], 1))
        inside = ((high - low) > high.new_tensor([12., 24.])).all(1)
        off = torch.from_numpy(rng.normal(size=(len(center), 3)) * [0.03, 0.03, 0.08]).float()
        center = center + off[:, :2] * scale[:, None] * BOX_UNIT
        return FullFrame(center, scale * (1 + off[:, 2]), frame.image_size, frame.focal_length), inside


def draw_maps(places: Tensor, mass: Tensor, map_size: tuple[int, int], sigma: float = 0.8) -> Tensor:
    """Maps (N, 24, h, w) with Gaussians at M places each.

    Args:
        places: (N, 24, M, 2) from 0 to 1.
        mass: (N, 24, M) probabilities of the places; what is left of 1 is spread evenly.
        map_size: (width, height).
        sigma: Cells.
    """
    marks = []
    for axis, size in enumerate(map_size):
        cells = torch.exp(-(torch.arange(size) + 0.5 - places[..., axis, None] * size).square() / (2 * sigma**2))
        marks.append(cells / cells.sum(-1, keepdim=True))
    rest = (1 - mass.sum(-1)).clamp(min=0) / (map_size[0] * map_size[1])
    return torch.einsum('njm,njmy,njmx->njyx', mass, marks[1], marks[0]) + rest[..., None, None]
