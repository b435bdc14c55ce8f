"""A test run's figures, all together and by group: as a table in the log, and as a json and a text file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mmengine.logging import print_log

from cliff_ext.io import atomic_path

Figures = Mapping[str, float]


def table(title: str, rows: Mapping[str, Figures]) -> str:
    """Figures by name, one line a row, in columns; those that a row lacks are dashes."""
    columns = list(dict.fromkeys(name for figures in rows.values() for name in figures))
    lines = [[title, *columns]] + [[str(name), *(f'{figures[c]:.2f}' if c in figures else '-' for c in columns)]
                                   for name, figures in rows.items()]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns) + 1)]
    text = [f'{line[0]:<{widths[0]}}  ' + '  '.join(f'{cell:>{width}}' for cell, width in zip(line[1:], widths[1:],
                                                                                                 strict=True))
            for line in lines]
    return '\n'.join([text[0], '-' * len(text[0]), *text[1:]])


def tables(report: Mapping[str, Any]) -> str:
    """One table for each group of the report, or a single line if there are no groups.

    Args:
        report: ``all`` (figures), ``people`` (how many), and by the name of each grouping the figures of its groups.
    """
    groups = {name: rows for name, rows in report.items() if name not in ('all', 'people')}
    whole = {f'all {report["people"]}': report['all']}
    return '\n\n'.join(table(name, {**rows, **whole}) for name, rows in groups.items()) or table('people', whole)


def log_report(report: Mapping[str, Any]) -> None:
    """Prints the tables to the run's log."""
    print_log('\n' + tables(report), 'current')


def save_report(report: Mapping[str, Any], prefix: str) -> None:
    """Writes ``PREFIX.json`` and ``PREFIX.txt``."""
    for ending, text in (('json', json.dumps(report, indent=1)), ('txt', tables(report) + '\n')):
        with atomic_path(f'{prefix}.{ending}') as path:
            path.write_text(text)
