import json

import numpy as np
import pytest
import torch

from cliff_ext.apis.detection import Boxes, BoxFile, MMDetDetector, clean


def test_both_forms_of_box_files(tmp_path):
    (tmp_path / 'a.json').write_text(json.dumps({'2': [[1, 2, 3, 4, 0.5, 7]], '0': []}))
    found = BoxFile(str(tmp_path / 'a.json'))(1, [None, None])
    assert len(found[0].scores) == 0 and found[1].ids.tolist() == [7] and found[1].scores.tolist() == [0.5]
    frame = {'frame': 4, 'persons': [{'id': 3, 'bbox_xyxy': [1, 2, 3, 4]}]}
    (tmp_path / 'b.json').write_text(json.dumps({'frames': [frame]}))
    assert BoxFile(str(tmp_path / 'b.json'))(4, [None])[0].ids.tolist() == [3]


@pytest.mark.parametrize('text, match', [('hello', 'not json'), ('[1]', 'expected an object'),
                                         ('{"a": []}', 'expected an object'),
                                         ('{"0": 5}', 'list of boxes'), ('{"0": [["a", 1, 2, 3]]}', 'list of numbers'),
                                         ('{"frames": [{"frame": 1}]}', 'persons'), ('{"frames": 3}', 'frames must have'),
                                         ('{"0": [[1,2,3,4,1,7]], "1": [[1,2,3,4]]}', 'identities'),
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


def test_any_detector_of_mmdet_by_name(tmp_path):
    import mmdet.models  # noqa: F401
    from mmdet.registry import MODELS
    from mmengine.hub import get_config
    from mmengine.registry import DefaultScope
    name = 'mmdet::yolox/yolox_tiny_8xb8-300e_coco.py'
    with pytest.raises(FileNotFoundError, match='Download it from https://.*yolox_tiny.*--detector-checkpoint'):
        MMDetDetector(name, str(tmp_path / 'none.pth'))
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('mmdet'):
        model = MODELS.build(get_config(name).model)
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'tiny.pth')
    detector = MMDetDetector(name, str(tmp_path / 'tiny.pth'))
    frames = [np.random.default_rng(i).integers(0, 255, (90, 160, 3), np.uint8) for i in range(2)]
    found = detector(0, frames)
    assert len(found) == 2 and all(boxes.bboxes.shape == (len(boxes.scores), 4) for boxes in found)
    with pytest.raises(FileNotFoundError, match='detector config not found'):
        MMDetDetector('mmdet::yolox/no_such_model.py', str(tmp_path / 'tiny.pth'))


def test_a_detectors_weights_of_another_model_are_refused(tiny, repo_root):
    from cliff_ext.io import CheckpointError
    with pytest.raises(CheckpointError, match='another model'):
        MMDetDetector(str(repo_root / 'configs/detector/yolox_person_416_synthetic.py'), str(tiny / 'cliff.pth'))
