"""Fenced blocks of a Markdown page, and what to do with them.

A comment before a block says how it is tested:

* none: it is run, in the order of the page, all blocks of a page in one folder and one Python namespace;
* ``<!-- slow -->``: the same, but takes more than some seconds;
* ``<!-- needs: WHAT -->``: a reader brings something; its commands are parsed by their tools and their files looked up;
* ``<!-- file: NAME -->``: a file that a later block uses.

A ``text`` block is shown only; straight after a block it is what that one prints, ``…`` standing for anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r'(?:<!-- *(?P<marker>[^>]*?) *-->\n)?^(?P<tick>```+)(?P<language>\w*)\n(?P<text>.*?)^(?P=tick)$',
                   re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    language: str
    text: str
    line: int
    marker: str = ''
    prints: str = ''

    @property
    def slow(self) -> bool:
        return self.marker == 'slow'

    @property
    def needs(self) -> bool:
        return self.marker.startswith('needs:')

    @property
    def file(self) -> str:
        return self.marker.removeprefix('file: ') if self.marker.startswith('file: ') else ''


def read_blocks(page: Path) -> list[Block]:
    """All blocks of a page that are not plain text.

    Raises:
        ValueError: A block without a language, or an unknown marker.
    """
    text = page.read_text()
    blocks: list[Block] = []
    end = 0
    for match in FENCE.finditer(text):
        language, marker = match['language'], match['marker'] or ''
        line = text.count('\n', 0, match.start('tick')) + 1
        if not language:
            raise ValueError(f'{page}:{line}: the block names no language; text is for what is only shown')
        if marker and not re.match(r'slow$|needs: \w|file: [\w.-]+$', marker):
            raise ValueError(f'{page}:{line}: unknown marker {marker!r}')
        if language == 'text':
            if blocks and not text[end:match.start()].strip():
                last = blocks.pop()
                blocks.append(Block(last.language, last.text, last.line, last.marker, match['text']))
        else:
            blocks.append(Block(language, match['text'], line, marker))
        end = match.end()
    return blocks


def commands(text: str) -> list[str]:
    """Shell commands of a block, continued lines joined, comments left out."""
    lines = (re.sub(r'(^|\s)#.*', '', line).strip() for line in text.replace('\\\n', ' ').splitlines())
    return [line.removesuffix('&').strip() for line in lines if line]


def says(wanted: str, printed: str) -> bool:
    """Whether all wanted lines are among the printed ones, in order; ``…`` stands for anything."""
    lines = iter(printed.splitlines())
    patterns = ['.*'.join(re.escape(part) for part in line.strip().split('…')) for line in wanted.splitlines()]
    return all(any(re.fullmatch(pattern, line.strip()) for line in lines) for pattern in patterns if pattern)
