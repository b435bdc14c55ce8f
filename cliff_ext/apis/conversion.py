"""Raw downloads to HumanData files: what ``tools/dataset_converters`` do."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from cliff_ext.datasets.converters import HumanRow, RawDataset
from cliff_ext.io import UnsafePickleError
from cliff_ext.io.human_data import HumanData, save_human_data

NUMBERS = dict(bbox=(4, ), image_size=(2, ), focal_length=(), keypoints2d=(49, 3), keypoints3d=(49, 4), global_orient=(3, ),
               body_pose=(23, 3), betas=(10, ), transl=(3, ))
"""Shape of a row's fields."""
TEXTS = ('image_path', 'gender', 'sequence', 'action')
NAMED = 5
"""Missing images that a summary names."""


@dataclass
class ConversionReport:
    """What a conversion found.

    Attributes:
        dataset: Its name.
        people: Rows written.
        images: Different images among them.
        known: People with each kind of annotation.
        skipped: People left out or written in part, by reason.
        missing: Image files that are not there, sorted; their people are written all the same.
        seconds: Time taken.
    """

    dataset: str
    people: int
    images: int
    known: dict[str, int]
    skipped: dict[str, int]
    missing: list[str] = field(default_factory=list)
    seconds: float = 0

    def __str__(self) -> str:
        lines = [f'{self.dataset}: {self.people:,} people in {self.images:,} images, {self.seconds:.1f} s',
                 '  known: ' + ', '.join(f'{name} {count:,}' for name, count in self.known.items())]
        lines += [f'  left out: {count:,} × {reason}' for reason, count in sorted(self.skipped.items()) if count]
        if self.missing:
            lines.append(f'  {len(self.missing):,} images are not there, e.g. {", ".join(self.missing[:NAMED])}')
        return '\n'.join(lines)


def convert_dataset(raw: RawDataset, out: str | Path, check_images: bool = True, progress: bool = True) -> ConversionReport:
    """Reads a raw download and writes one HumanData file.

    Args:
        raw: A reader of :mod:`cliff_ext.datasets.converters`.
        out: ``.npz`` to write.
        check_images: Looks whether each image file is there.
        progress: Shows a bar.

    Raises:
        FileNotFoundError: The download is incomplete; the message names what is missing.
        UnsafePickleError: A file asks for code.
        ValueError: A file has another layout, ``out`` is no ``.npz``, or nobody is left to write.
    """
    if Path(out).suffix != '.npz':
        raise ValueError(f'{out}: HumanData is written as .npz')
    start = time.perf_counter()
    parts = []
    people = 0
    with tqdm(raw.steps(), desc=raw.name, disable=not progress) as bar:
        for step in bar:
            rows = list(raw.rows(step))
            people += len(rows)
            bar.set_postfix(people=people, refresh=False)
            if rows:
                parts.append(_stack(rows))
    if not parts:
        reasons = ', '.join(f'{count} × {reason}' for reason, count in raw.skipped.items()) or 'the annotations are empty'
        raise ValueError(f'{raw.name}: nobody to write from {raw.root}: {reasons}')
    data = _human_data(raw.name, {key: np.concatenate([part[key] for part in parts]) for key in parts[0]})
    images = np.unique(data.image_path)
    missing = [str(path) for path in images if check_images and not (raw.root / path).is_file()]
    save_human_data(out, data)
    return ConversionReport(raw.name, len(data), len(images), _known(data), dict(raw.skipped), missing,
                            time.perf_counter() - start)


def _stack(rows: list[HumanRow]) -> dict[str, np.ndarray]:
    """Columns of rows; numbers that a row does not know are NaN."""
    columns: dict[str, np.ndarray] = {name: np.array([getattr(row, name) for row in rows], np.str_) for name in TEXTS}
    columns['frame_id'] = np.array([row.frame_id for row in rows], np.int64)
    for name, shape in NUMBERS.items():
        column = np.full((len(rows), *shape), np.nan, np.float32)
        for i, row in enumerate(rows):
            value = getattr(row, name)
            if value is not None:
                column[i] = value
        columns[name] = column
    return columns


def _human_data(name: str, columns: dict[str, np.ndarray]) -> HumanData:
    """Leaves out what nobody has; what some lack is zero there, with its flag down (focal lengths stay NaN)."""
    known = {key: np.isfinite(columns[key].reshape(len(columns[key]), -1)).all(1) for key in NUMBERS}
    flags = dict(has_smpl=known['body_pose'], has_betas=known['betas'],
                 has_transl=known['transl'] & known['focal_length'])
    kept = {key: columns[key] if key == 'focal_length' else np.nan_to_num(columns[key])
            for key in NUMBERS if known[key].any()}
    texts = {key: columns[key] for key in TEXTS if (columns[key] != '').any()}
    skeletons = {f'{key}_skeleton': 'spin49' for key in ('keypoints2d', 'keypoints3d') if key in kept}
    return HumanData(dataset=name, frame_id=columns['frame_id'], **flags, **kept, **texts, **skeletons)


def _known(data: HumanData) -> dict[str, int]:
    counts = dict(smpl=data.has_smpl, betas=data.has_betas, transl=data.has_transl)
    for name in ('keypoints2d', 'keypoints3d'):
        if getattr(data, name) is not None:
            counts[name] = getattr(data, name)[..., -1].any(1)
    return {name: int(flags.sum()) for name, flags in counts.items()}


def conversion_command(description: str | None, make: Callable[[argparse.Namespace], RawDataset],
                       add_arguments: Callable[[argparse.ArgumentParser], None]) -> int:
    """The command line of a converter: ``ROOT OUT`` and its own options; prints the summary.

    Args:
        description: Help text.
        make: Builds the reader from the arguments; ``root`` is among them.
        add_arguments: Adds the converter's own arguments.

    Returns:
        Exit code.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('root', type=Path, metavar='ROOT', help='folder of the download')
    parser.add_argument('out', type=Path, metavar='OUT', help='HumanData .npz to write')
    add_arguments(parser)
    parser.add_argument('--no-check-images', action='store_true', help='do not look whether each image is there')
    args = parser.parse_args()
    try:
        report = convert_dataset(make(args), args.out, not args.no_check_images)
    except (OSError, ValueError, KeyError, ModuleNotFoundError, UnsafePickleError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    print(f'{report}\n  {args.out}')
    return 0


def add_body_model(parser: argparse.ArgumentParser, need: str) -> None:
    """The option ``--body-model``."""
    parser.add_argument('--body-model', help=f'folder of SMPL files, or "open" for the open body that ships: {need}')
