"""Body models: SMPL over smplx, its joints alone, how likely its poses are, and the open body that ships."""

from .pose_prior import OPEN_PRIOR, MixturePosePrior, RestPosePrior
from .smpl import OPEN_BODY, PARENTS, SMPL, SMPLOutput
from .smpl_joints import SMPLJoints

__all__ = [
    'MixturePosePrior', 'OPEN_BODY', 'OPEN_PRIOR', 'PARENTS', 'RestPosePrior', 'SMPL', 'SMPLJoints', 'SMPLOutput'
]
