"""Figures of estimated bodies against true ones; what a data set's protocol asks for is a config of one metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from mmengine.evaluator import BaseMetric
from torch import Tensor

from cliff_ext.body_models import SMPL
from cliff_ext.evaluation.functional import (
    acceleration_errors,
    auc_3d,
    jitter,
    joint_angle_errors,
    joint_errors,
    joint_rotations,
    orientation_error,
    pck_3d,
)
from cliff_ext.evaluation.report import log_report, save_report
from cliff_ext.geometry import fit_similarity
from cliff_ext.registry import METRICS, MODELS
from cliff_ext.structures import get_skeleton

PARAMS = ('global_orient', 'body_pose', 'betas')
GENDERS = ('neutral', 'male', 'female')
JOINTS = dict(
    lsp14=('h36m17', (3, 2, 1, 4, 5, 6, 16, 15, 14, 11, 12, 13, 8, 10)),
    h36m17=('h36m17', tuple(range(17))),
    smpl24=('smpl24', tuple(range(24))))
"""The joints that protocols compare: the skeleton they are taken from, and which of it. LSP's neck is H36M's thorax."""
H36M17_FROM_REGRESSOR = (0, 4, 5, 6, 1, 2, 3, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
"""SPIN's regressor file has the left leg first."""
H36M17_FROM = dict(
    h36m17=tuple(range(17)), mpi3dhp17=(14, 8, 9, 10, 11, 12, 13, 15, 1, 16, 0, 5, 6, 7, 2, 3, 4))
"""Where given joints have H36M's 17. MPI-INF-3DHP's head goes for H36M's nose, as SPIN takes it."""
OF_JOINTS = ('mpjpe', 'pa_mpjpe', 'pck', 'auc', 'pa_pck', 'pa_auc')
OF_BODIES = ('pve', 'pa_pve', 'mpjae', 'pa_mpjae', 'orientation')
OF_TRACKS = ('accel', 'jitter')
STILL = (0, 7, 8, 10, 11, 20, 21, 22, 23)
"""Joints of ``smpl24`` that count as still in ``jitter``."""


@dataclass
class Posed:
    """N posed people, metres, before the translation.

    Attributes:
        points: (N, K, 3) joints of the protocol's skeleton.
        smpl_joints: (N, 24, 3).
        vertices: (N, V, 3).
        rotations: (N, 24, 3, 3) of the joints, in the camera.
    """

    points: Tensor
    smpl_joints: Tensor
    vertices: Tensor
    rotations: Tensor


@dataclass
class Scored:
    """One person's figures; NaN where the truth is not known.

    Attributes:
        figures: By name.
        meta: The sample's meta information.
        joints: (K, 3) compared joints, estimated, root-relative.
        true_joints: (K, 3) the same of the truth.
        smpl_joints: (24, 3) estimated.
    """

    figures: dict[str, float]
    meta: dict[str, Any]
    joints: Tensor
    true_joints: Tensor
    smpl_joints: Tensor


@METRICS.register_module()
class HumanMeshMetric(BaseMetric):
    """Joint, vertex, angle and smoothness errors of ``pred_instances`` against ``gt_instances``.

    - ``mpjpe``, ``pa_mpjpe`` (mm): mean joint distance, both seen from the root; after the best similarity.
    - ``pck``, ``auc`` (%): joints nearer than 150 mm, and the mean over 31 thresholds up to 150 mm; also ``pa_…``.
    - ``pve``, ``pa_pve`` (mm): the same of vertices, seen from the same root.
    - ``mpjae``, ``pa_mpjae`` (degrees): angle between the rotations in the camera of nine joints, as 3DPW's challenge and
      EMDB compare them; after the rotation of the joints' similarity.
    - ``orientation`` (degrees): angle between the global orientations.
    - ``accel`` (mm per frame squared): difference of accelerations over neighbouring frames [HMMR, VIBE].
    - ``jitter`` (10 m/s³): jerk of the estimated body without its translation, mean over 24 joints of which the nine of
      :data:`STILL` count as 0 [PIP, EMDB]; mean over sequences.

    People whose truth is not known count nowhere. Means are over people, but for ``jitter``. A ``sequence`` is one person;
    where frames are missing, a new run begins.

    Where the references differ: 3DPW's root is the middle of the hips (VIBE, CLIFF; SPIN takes the pelvis: ``root=
    ('pelvis', )``); PA of vertices is of the vertices themselves, and of the joints with ``pa_of='joints'`` (EMDB); no
    acceleration is invented at a sequence's ends (SmoothNet's reference adds a zero at each).

    Args:
        measures: Names of the above.
        body_model: Config of the neutral body; it must regress H36M's joints unless ``joints`` is ``smpl24``.
        gendered: The truth is posed with the body of the sample's ``gender``; the body model's path is then a folder.
        joints: ``lsp14`` or ``h36m17`` (regressed from vertices), or ``smpl24``.
        root: Joints of ``h36m17`` (or ``smpl24``) whose mean is the root.
        truth: Where true joints come from: ``'smpl'``, or ``'keypoints3d_eval'`` for data sets that bring their own.
        pa_of: ``'vertices'`` or ``'joints'``: what PA-PVE aligns.
        fps: Frames a second, for ``jitter``.
        groups: Meta information to make tables by.
        outfile_prefix: ``PREFIX.json`` and ``PREFIX.txt`` are written if given.
        collect_device: See MMEngine.

    Raises:
        ValueError: Unknown names.
    """

    def __init__(self, measures: Sequence[str] = ('mpjpe', 'pa_mpjpe', 'pve'), body_model: dict | None = None,
                 gendered: bool = False, joints: str = 'lsp14', root: Sequence[str] = ('left_hip', 'right_hip'),
                 truth: str = 'smpl', pa_of: str = 'vertices', fps: float = 30.,
                 groups: Sequence[str] = ('sequence', 'action'), outfile_prefix: str | None = None,
                 collect_device: str = 'cpu') -> None:
        super().__init__(collect_device)
        _check('measures', measures, OF_JOINTS + OF_BODIES + OF_TRACKS)
        _check('joints', [joints], tuple(JOINTS))
        _check('truth', [truth], ('smpl', 'keypoints3d_eval'))
        _check('pa_of', [pa_of], ('vertices', 'joints'))
        if truth == 'keypoints3d_eval' and joints == 'smpl24':
            raise ValueError("joints must be 'lsp14' or 'h36m17' where the truth is keypoints3d_eval, got 'smpl24'")
        self.measures, self.truth, self.pa_of, self.fps = tuple(measures), truth, pa_of, fps
        self.skeleton, self.chosen = get_skeleton(JOINTS[joints][0]), list(JOINTS[joints][1])
        self.root = [self.skeleton.index(name) for name in root]
        config = body_model or dict(type='SMPLBody')
        self.bodies: dict[str, SMPL] = {gender: MODELS.build(dict(config, gender=gender)).eval()
                                        for gender in (GENDERS if gendered else GENDERS[:1])}
        self.gendered, self.groups, self.outfile_prefix = gendered, tuple(groups), outfile_prefix

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Scores a batch."""
        predictions = [sample['pred_instances'] for sample in data_samples]
        device = predictions[0]['betas'].device
        found = self.pose(predictions, ['neutral'] * len(predictions), device)
        true, known = self._truth(data_samples, device)
        self.results += self.score(found, true, known, data_samples)

    def compute_metrics(self, results: list[Scored]) -> dict[str, float]:
        """Means over all people; tables of groups go to the log and to files."""
        figures = self.summarise(results)
        report = dict(all=figures, people=len(results))
        for name in self.groups:
            groups = _grouped([row for row in results if name in row.meta], name)
            if len(groups) > 1:
                report[name] = {key: self.summarise(rows) for key, rows in groups.items()}
        log_report(report)
        if self.outfile_prefix is not None:
            save_report(report, self.outfile_prefix)
        return figures

    def summarise(self, rows: Sequence[Scored]) -> dict[str, float]:
        """Figures of some people, in the order of ``measures``; those that nobody's truth gives are left out.

        Raises:
            ValueError: No truth at all, or no sequences to measure smoothness in.
        """
        figures: dict[str, float] = {}
        tracks = self._tracks(rows) if set(self.measures) & set(OF_TRACKS) else []
        for name in self.measures:
            if name == 'accel':
                values = [acceleration_errors(track.joints, track.true_joints) for track in tracks]
            elif name == 'jitter':
                values = [jitter(track.moving, self.fps).mean(0, keepdim=True) for track in tracks]
            else:
                values = [torch.tensor([row.figures[name] for row in rows if name in row.figures])]
            known = torch.cat(values) if values else torch.zeros(0)
            known = known[known.isfinite()].double()
            if len(known):
                figures[name] = float(known.mean())
        if not figures:
            raise ValueError(f'none of {len(rows)} people has a truth to compare with; the metric reads {self.truth}')
        return figures

    @torch.no_grad()
    def pose(self, params: Sequence[Mapping[str, Tensor]], genders: Sequence[str],
             device: torch.device | str = 'cpu') -> Posed:
        """Poses N people, each given by its parameters with a leading 1, on a device; the result is on the CPU."""
        rows, parts = [], []
        for gender in sorted(set(genders)):
            mine = [i for i, other in enumerate(genders) if other == gender]
            orient, pose, betas = (torch.cat([params[i][name] for i in mine]).float().to(device) for name in PARAMS)
            body = self.bodies[gender].to(device)
            out = body(orient, pose, betas)
            points = out.smpl_joints
            if self.skeleton.name == 'h36m17':
                points = body.h36m_joints(out.vertices)[:, H36M17_FROM_REGRESSOR]
            rows += mine
            parts.append((points, out.smpl_joints, out.vertices, joint_rotations(orient, pose)))
        back = torch.tensor(rows).argsort()
        return Posed(*(torch.cat(values).cpu()[back] for values in zip(*parts, strict=True)))

    def score(self, found: Posed, true: Posed, known: Tensor, samples: Sequence[Mapping[str, Any]]) -> list[Scored]:
        """Figures of N people; ``known`` (N, 2) tells whether joints and bodies of the truth are."""
        (points, root), (true_points, true_root) = (self._rooted(people.points) for people in (found, true))
        similarity = fit_similarity(points.double(), true_points.double())
        aligned = similarity.apply(points.double()).float()
        figures = dict(_joint_figures(points, true_points, ''), **_joint_figures(aligned, true_points, 'pa_'))
        if set(self.measures) & set(OF_BODIES):
            vertices, true_vertices = found.vertices - root, true.vertices - true_root
            if self.pa_of == 'vertices':
                moved = fit_similarity(vertices.double(), true_vertices.double()).apply(vertices.double())
            else:
                moved = similarity.apply(vertices.double())
            rotations = found.rotations, true.rotations
            figures |= dict(
                pve=joint_errors(vertices, true_vertices), pa_pve=joint_errors(moved, true_vertices.double()),
                mpjae=joint_angle_errors(*rotations),
                pa_mpjae=joint_angle_errors(*rotations, similarity.rotation.float()),
                orientation=orientation_error(found.rotations[:, 0], true.rotations[:, 0]))
        figures = {name: values.masked_fill(~known[:, int(name in OF_BODIES)], torch.nan).tolist()
                   for name, values in figures.items() if name in self.measures}
        true_points = true_points.masked_fill(~known[:, :1, None], torch.nan)
        return [Scored({name: values[i] for name, values in figures.items()}, _meta(sample, self.groups), points[i],
                       true_points[i], found.smpl_joints[i]) for i, sample in enumerate(samples)]

    def _rooted(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Compared joints seen from the root, and the root (N, 1, 3)."""
        root = points[:, self.root].mean(1, keepdim=True)
        return points[:, self.chosen] - root, root

    def _truth(self, samples: Sequence[Mapping[str, Any]], device: torch.device) -> tuple[Posed, Tensor]:
        """True people, and (N, 2) bool whether their joints and bodies are known."""
        truths = [sample['gt_instances'] for sample in samples]
        genders = [sample.get('gender', 'neutral') if self.gendered else 'neutral' for sample in samples]
        posed = self.pose(truths, genders, device)
        bodies = torch.cat([truth['has_smpl'] * truth['has_betas'] for truth in truths]).cpu() > 0
        if self.truth == 'smpl':
            return posed, torch.stack([bodies, bodies], 1)
        keypoints = torch.cat([self._given(sample) for sample in samples])
        posed.points = keypoints[..., :3]
        known = (keypoints[:, self.chosen + self.root, 3] > 0).all(1)
        return posed, torch.stack([known, bodies], 1)

    @staticmethod
    def _given(sample: Mapping[str, Any]) -> Tensor:
        """The data set's own joints of one person as H36M's (1, 17, 4)."""
        name = sample.get('eval_skeleton')
        if name not in H36M17_FROM or 'keypoints3d_eval' not in sample['gt_instances']:
            raise ValueError(f"{sample.get('sample_id', 'a sample')} has joints to evaluate in the skeleton {name!r}; the "
                             f'metric knows {", ".join(H36M17_FROM)}: set eval_skeleton in the data set\'s config')
        return sample['gt_instances']['keypoints3d_eval'][:, H36M17_FROM[name]].float().cpu()

    def _tracks(self, rows: Sequence[Scored]) -> list[_Track]:
        """Runs of neighbouring frames of each sequence."""
        lost = [row for row in rows if not {'sequence', 'frame_id'} <= row.meta.keys()]
        if lost:
            raise ValueError(f'{" and ".join(OF_TRACKS)} need sequence and frame_id of every person; '
                             f'{lost[0].meta.get("sample_id", "a sample")} lacks them')
        tracks = []
        for name, people in _grouped(rows, 'sequence').items():
            people = sorted(people, key=lambda row: row.meta['frame_id'])
            steps = torch.tensor([row.meta['frame_id'] for row in people]).diff()
            if (steps == 0).any():
                twice = people[int((steps == 0).nonzero()[0])].meta['frame_id']
                raise ValueError(f'sequence {name} has two people in frame {twice}; name the sequences of people apart')
            cuts = (steps != steps.min()).nonzero().flatten() + 1 if len(steps) else steps
            for run in torch.arange(len(people)).tensor_split(cuts):
                tracks.append(_Track.of([people[i] for i in run]))
        return tracks


@dataclass
class _Track:
    """One person through neighbouring frames: joints (T, K, 3) and true ones, and SMPL's without the still ones."""

    joints: Tensor
    true_joints: Tensor
    moving: Tensor

    @classmethod
    def of(cls, rows: Sequence[Scored]) -> _Track:
        joints, true_joints, moving = (torch.stack([getattr(row, name) for row in rows])
                                       for name in ('joints', 'true_joints', 'smpl_joints'))
        moving[:, list(STILL)] = 0
        return cls(joints, true_joints, moving)


def _joint_figures(points: Tensor, truth: Tensor, prefix: str) -> dict[str, Tensor]:
    distances = (points - truth).norm(dim=-1) * 1e3
    return {f'{prefix}mpjpe': distances.mean(-1), f'{prefix}pck': torch.stack([pck_3d(row) for row in distances]),
            f'{prefix}auc': torch.stack([auc_3d(row) for row in distances])}


def _grouped(rows: Sequence[Scored], name: str) -> dict[str, list[Scored]]:
    groups: dict[str, list[Scored]] = {}
    for row in rows:
        groups.setdefault(str(row.meta[name]), []).append(row)
    return dict(sorted(groups.items()))


def _meta(sample: Mapping[str, Any], groups: Sequence[str]) -> dict[str, Any]:
    return {name: sample[name] for name in ('sample_id', 'sequence', 'frame_id', *groups) if name in sample}


def _check(name: str, values: Sequence[str], known: Sequence[str]) -> None:
    wrong = [value for value in values if value not in known]
    if wrong:
        raise ValueError(f'{name} must be of {", ".join(known)}; got {", ".join(wrong)}')
