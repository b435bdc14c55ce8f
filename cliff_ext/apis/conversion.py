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

from cliff_ext.datasets.converters import RawDataset, columns_to_human_data, stack_rows
from cliff_ext.io import HumanData, UnsafePickleError, save_human_data

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
                parts.append(stack_rows(rows))
    if not parts:
        reasons = ', '.join(f'{count} × {reason}' for reason, count in raw.skipped.items()) or 'the annotations are empty'
        raise ValueError(f'{raw.name}: nobody to write from {raw.root}: {reasons}')
    data = columns_to_human_data(raw.name, {key: np.concatenate([part[key] for part in parts]) for key in parts[0]})
    images = np.unique(data.image_path)
    missing = [str(path) for path in images if check_images and not (raw.root / path).is_file()]
    save_human_data(out, data)
    return ConversionReport(raw.name, len(data), len(images), _known(data), dict(raw.skipped), missing,
                            time.perf_counter() - start)


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
