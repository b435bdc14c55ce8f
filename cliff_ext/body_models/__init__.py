"""Body models: SMPL over smplx, its joint regressors, and the open body that ships."""

from .smpl import OPEN_BODY, PARENTS, SMPL, SMPLOutput

__all__ = ['OPEN_BODY', 'PARENTS', 'SMPL', 'SMPLOutput']
