from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config

import cliff_ext.apis.annotation as annotation
from cliff_ext.apis.annotation import annotate, load_keypoints
from cliff_ext.body_models import SMPL
from cliff_ext.datasets import CliffLayout
from cliff_ext.datasets.converters.base import SPIN49_OF
from cliff_ext.io import load_human_data
from cliff_ext.registry import HOOKS

COUNT, SIZE = 4, (160, 120)


@pytest.fixture(scope='module')
def data(tmp_path_factory) -> Path:
    """Images of noise with the keypoints of standing people in a COCO-style file; two people's images cannot be read."""
    root = tmp_path_factory.mktemp('people')
    rng = np.random.default_rng(0)
    eye = torch.eye(3).expand(COUNT, 24, 3, 3)
    orient = torch.diag(torch.tensor([1., -1., -1.])).expand(COUNT, 3, 3)
    transl = torch.tensor([[0.5 * i - 0.8, 0, 4.5] for i in range(COUNT)])
    with torch.no_grad():
        joints = SMPL()(orient, eye[:, 1:], torch.zeros(COUNT, 10), transl).joints.numpy()
    points = joints[..., :2] / joints[..., 2:] * float(np.hypot(*SIZE)) + np.array(SIZE) / 2
    images, notes = [], []
    for i in range(COUNT + 2):
        person = np.concatenate([points[i % COUNT][SPIN49_OF['coco17']], np.full((17, 1), 2)], 1)
        low, high = person[:, :2].min(0) - 4, person[:, :2].max(0) + 4
        images.append(dict(id=i, file_name=f'{i}.png', width=SIZE[0], height=SIZE[1]))
        notes.append(dict(id=100 + i, image_id=i, keypoints=person.ravel().tolist(), bbox=[*low, *(high - low)]))
        if i < COUNT:
            cv2.imwrite(str(root / f'{i}.png'), rng.integers(0, 255, (SIZE[1], SIZE[0], 3), np.uint8))
    (root / f'{COUNT}.png').write_bytes(b'not a picture')  # and the last is missing
    notes.append(dict(notes[0], id=200, keypoints=[0] * 51))
    (root / 'keypoints.json').write_text(json.dumps(dict(images=images, annotations=notes)))
    return root


def make_config(tiny: Path, repo_root: Path) -> Config:
    """A shipped recipe with a tiny network, two epochs."""
    recipe = Config.fromfile(repo_root / 'configs' / 'annotator' / 'cliff-annotator_efficientnet-lite0_128x96_synthetic.py')
    network = Config.fromfile(tiny / 'cliff.py')
    recipe.model = dict(**network.model, loss=recipe.model.loss)
    recipe.test_pipeline = network.test_pipeline
    recipe.merge_from_dict({'load_from': str(tiny / 'cliff.pth'), 'train_dataloader.num_workers': 0,
                            'train_dataloader.batch_size': 2, 'train_cfg.max_epochs': 2,
                            'optim_wrapper.optimizer.lr': 3e-3, 'model.loss.pose_weight': 1.})
    return recipe


@pytest.fixture
def config(tiny, repo_root) -> Config:
    return make_config(tiny, repo_root)


@pytest.fixture(scope='module')
def straight(data, tiny, repo_root, tmp_path_factory) -> tuple[Path, annotation.AnnotationReport]:
    """An annotation that nothing stopped: its folder and report."""
    out = tmp_path_factory.mktemp('straight')
    source = load_keypoints(data, data / 'keypoints.json')
    return out, annotate(source, make_config(tiny, repo_root), out, min_confidence=0.2, gallery=3)


def results(out: Path) -> dict[str, np.ndarray]:
    with np.load(out / 'cliff_gt.npz', allow_pickle=False) as content:
        return dict(content)


def test_people_come_nearer_to_their_keypoints(straight):
    out, report = straight
    assert report.people == COUNT
    assert report.left_out == {'fewer than 6 joints': 1, 'image missing, unreadable or of another size': 2}
    assert report.distance[1] < 0.8 * report.distance[0] and report.confidence[1] > report.confidence[0]
    written = results(out)
    assert written['annot_id'].tolist() == [100 + i for i in range(COUNT)]
    assert written['has_smpl'].sum() == report.trusted == (written['confidence'] >= 0.2).sum()
    np.testing.assert_allclose(written['S'][:, 14, :3], 0, atol=1e-6)
    pseudo = CliffLayout(out / 'cliff_gt.npz', 'people').load()
    human = load_human_data(out / 'human_data.npz')
    np.testing.assert_allclose(pseudo.transl, human.transl, rtol=1e-6)
    np.testing.assert_allclose(pseudo.body_pose, human.body_pose, rtol=1e-5)
    np.testing.assert_array_equal(pseudo.image_path, human.image_path)
    np.testing.assert_allclose(human.scores, written['confidence'])
    page = (out / 'index.html').read_text()
    assert page.count('<figure') == 3 and len(list((out / 'gallery').glob('*.jpg'))) == 3
    scores = [float(part.split('"')[0]) for part in page.split('data-score="')[1:]]
    assert scores == sorted(scores)


def test_a_fine_tuning_that_learns_nothing_changes_nothing(data, config, tmp_path):
    config.merge_from_dict({'optim_wrapper.optimizer.lr': 0., 'train_cfg.max_epochs': 1})
    report = annotate(load_keypoints(data / 'keypoints.json'), config, tmp_path, gallery=0)
    assert report.distance[0] == report.distance[1] and report.confidence[0] == report.confidence[1]


class Killed(Exception):  # noqa: N818
    """Stands for a kill."""


@pytest.mark.parametrize('where', ['predicting', 'training'])
def test_a_killed_run_goes_on_and_ends_as_if_it_had_not_been(data, config, straight, tmp_path, monkeypatch, where):
    source = load_keypoints(data / 'keypoints.json')

    def kill(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        if where == 'training':
            patch.setattr(HOOKS.get('CheckpointHook'), 'before_train_epoch', lambda self, runner: kill() if runner.epoch == 1
                          else None, raising=False)
        else:
            patch.setattr(annotation, '_fine_tune', kill)
        with pytest.raises(Killed):
            annotate(source, config, tmp_path / 'parts', gallery=0)
    with monkeypatch.context() as patch:
        patch.setattr(annotation, '_with_weights', kill)  # the first predictions are there
        annotate(source, config, tmp_path / 'parts', gallery=0)
    whole, parts = results(straight[0]), results(tmp_path / 'parts')
    for name in ('pose', 'shape', 'global_t', 'confidence'):
        np.testing.assert_allclose(parts[name], whole[name], rtol=1e-6, atol=1e-6)


def test_a_folder_holds_one_annotation(data, config, tmp_path):
    source = load_keypoints(data / 'keypoints.json')
    (tmp_path / 'annotation.json').write_text('{}')
    with pytest.raises(ValueError, match='another folder'):
        annotate(source, config, tmp_path)


def test_bad_input_is_named(data, config, tmp_path, tiny):
    with pytest.raises(ValueError, match='--keypoints'):
        load_keypoints(data)
    with pytest.raises(FileNotFoundError, match='none.json'):
        load_keypoints(data / 'none.json')
    with pytest.raises(ValueError, match='nobody has 18'):
        load_keypoints(data / 'keypoints.json', min_joints=18)
    source = load_keypoints(data / 'keypoints.json')
    with pytest.raises(ValueError, match='model.loss|train_dataloader'):
        annotate(source, tiny / 'cliff.py', tmp_path)
    with pytest.raises(FileNotFoundError, match='--checkpoint'):
        annotate(source, config, tmp_path, checkpoint=tmp_path / 'none.pth')


@pytest.mark.parametrize('name', ['cliff-annotator_hr48_256x192', 'cliff-annotator_efficientnet-lite0_128x96_synthetic'])
def test_shipped_recipes_are_whole(repo_root, name):
    cfg = annotation._recipe(repo_root / 'configs' / 'annotator' / f'{name}.py', None)
    assert cfg.model.loss.keypoints3d_weight == 0 and cfg.load_from
