"""A page of small pictures to look through, in one HTML file that needs no network."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cliff_ext.io import atomic_path

PAGE = '''<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>
body {{ font: 15px/1.4 system-ui, sans-serif; margin: 1.5em; background: #16181c; color: #e6e6e6 }}
header {{ position: sticky; top: 0; background: #16181c; padding: .5em 0; border-bottom: 1px solid #333 }}
main {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 12px; margin-top: 1em }}
figure {{ margin: 0; background: #22252b; border-radius: 6px; overflow: hidden }}
img {{ width: 100%; display: block }}
figcaption {{ padding: .4em .7em; overflow-wrap: anywhere }}
meter {{ width: 100% }}
</style></head><body>
<header><h1>{title}</h1><p>{summary}</p>
<label>Confidence from <input id="low" type="range" min="0" max="1" step="0.01" value="0"> to
<input id="high" type="range" min="0" max="1" step="0.01" value="1"></label> <output id="count"></output></header>
<main>
{tiles}
</main>
<script>
const low = document.getElementById('low'), high = document.getElementById('high');
function show() {{
  let count = 0;
  for (const tile of document.querySelectorAll('figure')) {{
    const score = Number(tile.dataset.score), seen = score >= Number(low.value) && score <= Number(high.value);
    tile.hidden = !seen;
    count += seen;
  }}
  document.getElementById('count').value = count + ' people, ' + low.value + ' to ' + high.value;
}}
low.oninput = high.oninput = show;
show();
</script></body></html>
'''
TILE = '''<figure data-score="{score:.4f}"><a href="{picture}"><img loading="lazy" src="{picture}" alt=""></a>
<figcaption><meter value="{score:.4f}">{score:.2f}</meter>{caption}</figcaption></figure>'''


@dataclass(frozen=True)
class Tile:
    """One picture of the sheet.

    Attributes:
        picture: Path relative to the page.
        caption: Plain text below it.
        score: In [0, 1], by which the page filters.
    """

    picture: str
    caption: str
    score: float


def write_contact_sheet(path: str | Path, tiles: Sequence[Tile], title: str, summary: str) -> None:
    """Writes the page; the tiles stand in the order given.

    Args:
        path: ``.html``.
        tiles: Pictures, which must lie where their paths say.
        title: Heading.
        summary: Plain text below it.

    Raises:
        FileNotFoundError: A picture is not there.
    """
    path = Path(path)
    missing = [tile.picture for tile in tiles if not (path.parent / tile.picture).is_file()]
    if missing:
        raise FileNotFoundError(f'{path}: {len(missing)} pictures are not there, e.g. {missing[0]}')
    figures = [TILE.format(picture=html.escape(tile.picture), caption=html.escape(tile.caption), score=tile.score)
               for tile in tiles]
    with atomic_path(path) as temporary:
        temporary.write_text(PAGE.format(title=html.escape(title), summary=html.escape(summary), tiles='\n'.join(figures)),
                             encoding='utf-8')
