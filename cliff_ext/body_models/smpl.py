"""SMPL over `smplx`, from official files or from the open body that ships; rotations are matrices throughout."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import smplx
import torch
from smplx.utils import Struct
from torch import Tensor, nn

from cliff_ext.io import load_smpl_file
from cliff_ext.registry import MODELS
from cliff_ext.structures import SPIN49_FROM_SMPL54

OPEN_BODY = Path(__file__).parent / 'data' / 'open_body.npz'
"""The CC0 body that ships; its betas do not mean SMPL's."""
PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)
"""Kinematic parents of SMPL's 24 joints."""
GENDERS = ('neutral', 'male', 'female')


@dataclass
class SMPLOutput:
    """Posed bodies, metres, in the frame of ``transl``.

    Attributes:
        vertices: (N, 6890, 3).
        joints: (N, 49, 3), skeleton ``spin49``.
        smpl_joints: (N, 24, 3), skeleton ``smpl24``.
    """

    vertices: Tensor
    joints: Tensor
    smpl_joints: Tensor


@MODELS.register_module(name='SMPLBody')
class SMPL(nn.Module):
    """SMPL body model [Loper et al., SIGGRAPH Asia 2015].

    Args:
        model_path: An official ``.pkl`` or ``.npz``, a folder that holds ``SMPL_{NEUTRAL,MALE,FEMALE}.{npz,pkl}``, or None
            for the open body that ships with cliff_ext.
        gender: Which file of a folder to take.
        extra_regressor: ``.npy`` of shape (9, 6890) (SPIN's ``J_regressor_extra.npy``) for files that hold none.
        h36m_regressor: ``.npy`` of shape (17, 6890) for files that hold none.

    Raises:
        FileNotFoundError: The model file is missing; the message names the download page.
        ValueError: Unknown gender, or a file without SMPL's arrays.
    """

    def __init__(self, model_path: str | Path | None = None, gender: str = 'neutral',
                 extra_regressor: str | Path | None = None, h36m_regressor: str | Path | None = None) -> None:
        super().__init__()
        arrays = load_smpl_file(find_model_file(model_path, gender))
        extra = _regressor(extra_regressor, arrays, 'J_regressor_extra', 9)
        h36m = _regressor(h36m_regressor, arrays, 'J_regressor_h36m', 17)
        with contextlib.redirect_stdout(io.StringIO()):  # smplx prints a warning about 10 betas
            self.body = smplx.SMPL(model_path='', data_struct=Struct(**arrays), num_betas=10, gender=gender,
                                   create_global_orient=False, create_body_pose=False, create_betas=False,
                                   create_transl=False)
        for module in self.body.modules():
            for name, value in list(module.named_buffers(recurse=False)):
                module.register_buffer(name, value, persistent=False)  # a body comes from its file, never from a checkpoint
        self.register_buffer('extra_regressor', extra, persistent=False)
        self.register_buffer('h36m_regressor', h36m, persistent=False)
        self.register_buffer('spin49', torch.as_tensor(SPIN49_FROM_SMPL54), persistent=False)

    @property
    def faces(self) -> np.ndarray:
        """(F, 3) int64 triangles."""
        return np.asarray(self.body.faces, np.int64)

    def forward(self, global_orient: Tensor, body_pose: Tensor, betas: Tensor,
                transl: Tensor | None = None) -> SMPLOutput:
        """Poses N bodies.

        Args:
            global_orient: (N, 3, 3) rotation of the pelvis.
            body_pose: (N, 23, 3, 3) rotations relative to the parent.
            betas: (N, 10).
            transl: (N, 3) metres, or None for the origin.
        """
        count = len(betas)
        wanted = {'global_orient': (global_orient, (count, 3, 3)), 'body_pose': (body_pose, (count, 23, 3, 3)),
                  'betas': (betas, (count, 10))}
        for name, (value, shape) in wanted.items():
            if tuple(value.shape) != shape:
                raise ValueError(f'{name} must have shape {shape}, got {tuple(value.shape)}')
        if count == 0:
            return SMPLOutput(betas.new_zeros(0, self.body.get_num_verts(), 3), betas.new_zeros(0, 49, 3),
                              betas.new_zeros(0, 24, 3))
        posed = self.body(betas=betas, global_orient=global_orient[:, None], body_pose=body_pose, pose2rot=False)
        extra = self._regress(self.extra_regressor, posed.vertices, 'extra_regressor')
        joints = torch.cat([posed.joints, extra], 1)
        shift = 0 if transl is None else transl[:, None]
        return SMPLOutput(posed.vertices + shift, joints[:, self.spin49] + shift, posed.joints[:, :24] + shift)

    def rest_pelvis(self, betas: Tensor) -> Tensor:
        """Where the pelvis of bodies (N, 10) lies at rest, (N, 3) metres: what ``global_orient`` turns about."""
        regressor = self.body.J_regressor[0]
        per_beta = torch.einsum('v,vcb->bc', regressor, self.body.shapedirs)
        return regressor @ self.body.v_template + betas @ per_beta

    def h36m_joints(self, vertices: Tensor) -> Tensor:
        """Human3.6M's 17 joints of posed vertices (N, 6890, 3) -> (N, 17, 3), rows as in SPIN's regressor file."""
        return self._regress(self.h36m_regressor, vertices, 'h36m_regressor')

    @staticmethod
    def _regress(regressor: Tensor | None, vertices: Tensor, name: str) -> Tensor:
        if regressor is None:
            raise ValueError(f'this SMPL file holds no joint regressor for these joints: give {name}=FILE.npy '
                             '(J_regressor_extra.npy and J_regressor_h36m.npy come with SPIN)')
        return torch.einsum('jv,nvc->njc', regressor, vertices)


def find_model_file(model_path: str | Path | None, gender: str = 'neutral') -> Path:
    """The file to load for a path, a folder or None (the open body)."""
    if gender not in GENDERS:
        raise ValueError(f'gender must be one of {GENDERS}, got {gender!r}')
    if model_path is None:
        return OPEN_BODY
    path = Path(model_path)
    if path.is_file():
        return path
    names = [f'SMPL_{gender.upper()}.{ending}' for ending in ('npz', 'pkl')]
    for folder in (path, path / 'smpl'):
        for name in names:
            if (folder / name).is_file():
                return folder / name
    raise FileNotFoundError(
        f'no SMPL model at {path}: expected a file, or a folder with {" or ".join(names)}. SMPL is free for research after '
        'registration: male and female from https://smpl.is.tue.mpg.de, neutral from https://smplify.is.tue.mpg.de '
        '(basicModel_neutral_lbs_10_207_0_v1.0.0.pkl, renamed). Leave the path out to use the open body that ships.')


def _regressor(path: str | Path | None, arrays: dict[str, np.ndarray], key: str, rows: int) -> Tensor | None:
    value = np.load(path, allow_pickle=False) if path is not None else arrays.pop(key, None)
    if value is None:
        return None
    if value.ndim != 2 or value.shape[0] != rows:
        raise ValueError(f'{path or key}: expected shape ({rows}, vertices), got {value.shape}')
    return torch.as_tensor(value, dtype=torch.float32)
