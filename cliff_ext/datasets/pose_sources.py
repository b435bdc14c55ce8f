"""What the files of each data set, estimator and representation hold: roots, joint orders, image scales, in one table.

Facts read off SmoothNet's and SynSP's public code. Nothing here opens a file.
"""

from __future__ import annotations

from dataclasses import dataclass

REPRESENTATIONS = {'3D': 'keypoints3d', '2D': 'keypoints2d', 'smpl': 'smpl'}
"""How file names say what :class:`cliff_ext.structures.PoseSample` calls the representation."""
KEYS = {'keypoints3d': 'joints_3d', 'keypoints2d': 'joints_2d', 'smpl': 'pose'}
"""Which array of a file holds a representation."""

HIPS = (2, 3)
"""The hips of the 14 LSP joints, whose middle is the root of 3DPW's and AIST++'s protocols."""
SPIN_TO_J14 = (6, 5, 4, 1, 2, 3, 16, 15, 14, 11, 12, 13, 8, 10)
"""LSP's 14 joints out of the 17 that Human3.6M's regressor gives."""


@dataclass(frozen=True)
class PoseSource:
    """One estimator's results on one data set.

    Attributes:
        dataset: As in the file names, e.g. ``h36m``.
        estimator: As in the file names, e.g. ``fcn``.
        representation: ``3D``, ``2D`` or ``smpl``, as in the file names.
        root: Joints whose mean is subtracted before the metrics, after re-indexing (of SMPL: of LSP's 14); empty for 2D.
        order: Rows to take of the file's joints, None for all as they stand.
        skeleton: Joint order that results.
        image: ``square``: pixels of a 1000-pixel image, ``frame``: of the frame whose size the file gives; None otherwise.
        splits: Which files there are.
    """

    dataset: str
    estimator: str
    representation: str
    root: tuple[int, ...] = ()
    skeleton: str = 'h36m17'
    order: tuple[int, ...] | None = None
    image: str | None = None
    splits: tuple[str, ...] = ('train', 'test')

    @property
    def name(self) -> str:
        """The folder's name."""
        return f'{self.dataset}_{self.estimator}_{self.representation}'


def _sources() -> list[PoseSource]:
    rows = [PoseSource('aist', e, '3D', HIPS, 'lsp14') for e in ('spin', 'tcmr', 'vibe')]
    rows += [PoseSource('h36m', e, '3D', (0, )) for e in ('fcn', 'rle', 'videoposet27', 'videoposet81', 'videoposet243')]
    rows += [PoseSource('h36m', e, '3D', HIPS, 'lsp14') for e in ('tcmr', 'vibe')]
    rows += [PoseSource('mpiinf3dhp', e, '3D', (14, ), 'mpi3dhp17', splits=('test', )) for e in ('spin', 'tcmr', 'vibe')]
    rows += [PoseSource('mupots', e, '3D', (14, ), 'mpi3dhp17', splits=('test', ))
             for e in ('tposenet', 'tposenetrefinenet')]
    rows += [PoseSource('pw3d', e, '3D', HIPS, 'lsp14', SPIN_TO_J14) for e in ('eft', 'pare', 'spin')]
    rows += [PoseSource('pw3d', e, '3D', HIPS, 'lsp14') for e in ('tcmr', 'vibe')]
    rows += [PoseSource('h36m', e, '2D', image='square') for e in ('cpn', 'hourglass', 'hrnet', 'rle')]
    rows += [PoseSource('jhmdb', 'simplepose', '2D', skeleton='jhmdb15', image='frame')]
    rows += [PoseSource('aist', e, 'smpl', HIPS, 'smpl24') for e in ('spin', 'tcmr', 'vibe')]
    rows += [PoseSource('pw3d', e, 'smpl', HIPS, 'smpl24') for e in ('eft', 'pare', 'spin', 'tcmr', 'vibe')]
    return rows


SOURCES = {source.name: source for source in _sources()}
"""All cells: six data sets, thirteen estimators (VideoPose3D in three lengths, TPoseNet with and without RefineNet)."""


def get_source(dataset: str, estimator: str, representation: str) -> PoseSource:
    """A cell of the table.

    Raises:
        ValueError: No such cell; the message lists those of the data set, or the data sets.
    """
    name = f'{dataset}_{estimator}_{representation}'
    if name in SOURCES:
        return SOURCES[name]
    near = [key for key in SOURCES if key.startswith(f'{dataset}_')] or sorted({s.dataset for s in SOURCES.values()})
    raise ValueError(f'no pose files are known as {name}; known: {", ".join(near)}')
