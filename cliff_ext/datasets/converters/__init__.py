"""Readers of raw downloads; :func:`cliff_ext.apis.conversion.convert_dataset` writes what they read as HumanData."""

from .agora import AGORA
from .base import HumanRow, RawDataset
from .coco import COCO
from .columns import columns_to_human_data, stack_rows
from .emdb import EMDB
from .h36m import Human36M
from .mpi_inf_3dhp import MPIINF3DHP
from .mpii import MPII
from .pw3d import PW3D
from .smpl import BodyModels

__all__ = ['AGORA', 'COCO', 'EMDB', 'MPII', 'MPIINF3DHP', 'PW3D', 'BodyModels', 'Human36M', 'HumanRow', 'RawDataset',
           'columns_to_human_data', 'stack_rows']
