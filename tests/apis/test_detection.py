import json

import numpy as np
import pytest

from cliff_ext.apis.detection import Boxes, BoxFile, clean


def test_both_forms_of_box_files(tmp_path):
    (tmp_path / 'a.json').write_text(json.dumps({'2': [[1, 2, 3, 4, 0.5, 7]], '0': []}))
    found = BoxFile(str(tmp_path / 'a.json'))(1, [None, None])
    assert len(found[0].scores) == 0 and found[1].ids.tolist() == [7] and found[1].scores.tolist() == [0.5]
    frame = {'frame': 4, 'persons': [{'id': 3, 'bbox_xyxy': [1, 2, 3, 4]}]}
    (tmp_path / 'b.json').write_text(json.dumps({'frames': [frame]}))
    assert BoxFile(str(tmp_path / 'b.json'))(4, [None])[0].ids.tolist() == [3]


@pytest.mark.parametrize('text, match', [('hello', 'not json'), ('[1]', 'expected an object'),
                                         ('{"a": []}', 'expected an object'),
                                         ('{"0": [[1, 2, 3]]}', 'frame 0'), ('{"0": [[1,2,3,4],[1,2,3,4,5]]}', 'frame 0')])
def test_bad_box_files_are_named(tmp_path, text, match):
    (tmp_path / 'a.json').write_text(text)
    with pytest.raises(ValueError, match=match):
        BoxFile(str(tmp_path / 'a.json'))
    with pytest.raises(FileNotFoundError):
        BoxFile(str(tmp_path / 'none.json'))


def test_cleaning_keeps_the_best_and_cuts_to_the_frame():
    boxes = Boxes(np.array([[0., 0, 5, 5], [-5, 0, 50, 200], [np.nan, 0, 1, 1], [3, 3, 3, 9]], np.float32),
                  np.array([0.4, 0.9, 0.9, 0.9], np.float32))
    kept, bad = clean(boxes, (40, 30), 0.3, 1)
    assert bad == 2 and kept.bboxes.tolist() == [[0, 0, 40, 30]] and kept.scores.tolist() == [pytest.approx(0.9)]
