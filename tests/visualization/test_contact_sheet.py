from __future__ import annotations

import pytest

from cliff_ext.visualization.contact_sheet import Tile, write_contact_sheet


def test_text_is_escaped_and_pictures_must_be_there(tmp_path):
    tiles = [Tile('a & b.jpg', '<script>', 0.25)]
    with pytest.raises(FileNotFoundError, match='a & b.jpg'):
        write_contact_sheet(tmp_path / 'index.html', tiles, 'x', 'y')
    (tmp_path / 'a & b.jpg').touch()
    write_contact_sheet(tmp_path / 'index.html', tiles, 'People <3', 'two; lines')
    page = (tmp_path / 'index.html').read_text()
    assert 'src="a &amp; b.jpg"' in page and '&lt;script&gt;' in page and '<h1>People &lt;3</h1>' in page
    assert 'data-score="0.2500"' in page and 'http' not in page
