"""Configs of PoseNet and RootNet: they build, and miniatures of them train and test."""

import json
import uuid

import pytest
import torch
from mmengine.config import Config

from cliff_ext.apis import build_model
from cliff_ext.apis.training import build_runner, test, train
from cliff_ext.registry import METRICS, TRANSFORMS
from cliff_ext.structures import get_skeleton
from tests.datasets import mppe_files as files

test.__test__ = False
NAMES = ('posenet/posenet_res50_h36m-p1', 'posenet/posenet_res50_h36m-p2', 'posenet/posenet_res50_muco-mupots',
         'posenet/posenet_res101_h36m-p2', 'posenet/posenet_res152_h36m-p2', 'rootnet/rootnet_res50_h36m-p1',
         'rootnet/rootnet_res50_h36m-p2', 'rootnet/rootnet_res50_muco-mupots', 'rootnet/rootnet_res50_muco-coco')
SMALL = ('posenet/posenet_res18-relations_128x96_synthetic', 'rootnet/rootnet_res18-parts-masks_128x96_synthetic')
WITHOUT_MASKS = 'rootnet/rootnet_res18-parts_128x96_synthetic'
MOST_MB = 15.


def load(repo_root, name: str) -> Config:
    return Config.fromfile(repo_root / f'configs/{name}.py')


def test_every_config_is_known_here(repo_root):
    found = {f'{path.parent.name}/{path.stem}' for method in ('posenet', 'rootnet')
             for path in (repo_root / 'configs' / method).glob('*.py')}
    assert found == {*NAMES, *SMALL, WITHOUT_MASKS}


def test_the_small_networks_fit_into_what_may_ship(repo_root):
    posenet, rootnet = (build_model(repo_root / f'configs/{name}.py') for name in SMALL)
    numbers = sum(value.numel() for network in (posenet, rootnet) for value in network.state_dict().values())
    assert numbers * 2 / 1e6 < MOST_MB  # half precision
    rootnet.init_weights()
    assert rootnet.head.depth_layer.bias.tolist() == [1.]


@pytest.mark.parametrize('name', NAMES)
def test_parts_agree_on_joints_protocol_and_input_range(repo_root, name):
    config = load(repo_root, name)
    sets = [*config.train_dataloader.dataset.datasets, config.test_dataloader.dataset]
    for one in sets:
        for transform in one.pipeline:
            TRANSFORMS.build(transform)
    METRICS.build(config.test_evaluator)
    assert config.model.data_preprocessor.mean == [0.485, 0.456, 0.406]  # pixels are not divided by 255
    if 'posenet' in name:
        joints = {one.get('skeleton', config.model.skeleton) for one in sets}
        assert joints == {config.model.skeleton} and config.model.head.num_joints == len(get_skeleton(config.model.skeleton))
    if 'h36m' in name:
        protocols = {sets[0].layout.protocol, sets[-1].layout.protocol, config.test_evaluator.get('protocol', int(name[-1]))}
        assert protocols == {int(name[-1])}


@pytest.mark.parametrize('name, entries', [(NAMES[0], 338), (NAMES[5], 340)])
def test_networks_have_the_official_number_of_entries(repo_root, name, entries):
    assert len(build_model(repo_root / f'configs/{name}.py').state_dict()) == entries


@pytest.fixture
def small(repo_root, tmp_path):
    """A config with an 18-layer backbone and 64-pixel patches, on miniature files."""

    def make(name: str) -> Config:
        config = load(repo_root, name)
        config.model.backbone = dict(type='mmdet.ResNet', depth=18, base_channels=8, out_indices=(3, ))
        config.model.head.update(dict(in_channels=64, deconv_channels=(8, 8)))
        h36m, mupots = files.human36m(tmp_path / 'h36m', (1, 5, 6, 7, 8, 9, 11), frames=6), files.mupots(tmp_path / 'mupots')
        deep, flat = config.train_dataloader.dataset.datasets
        where = {'Human36MLayout': dict(data_root=h36m), 'MuCoLayout': files.muco(tmp_path / 'muco'), 'MuPoTSLayout': mupots,
                 'MPIILayout': files.coco(tmp_path / 'mpii', 16), 'COCOLayout': files.coco(tmp_path / 'coco')}
        for one in (deep, flat, config.test_dataloader.dataset, config.val_dataloader.dataset):
            one.layout.update(where[one.layout.type])
            for transform in one.pipeline:
                if transform.type == 'CropPatch':
                    transform.output_size = (64, 64)
        config.train_dataloader.dataset.length = 4
        for loader in (config.train_dataloader, config.test_dataloader, config.val_dataloader):
            loader.update(dict(batch_size=2, num_workers=0))
        config.train_cfg.update(dict(max_epochs=1, val_interval=1))
        for evaluator in (config.test_evaluator, config.val_evaluator):
            for key in ('annotations', 'mupots'):
                if key in evaluator:
                    evaluator[key] = mupots['ann_file']
            if 'out_file' in evaluator:
                evaluator.out_file = str(tmp_path / 'roots.json')
        return config

    return make


def go(do, config: Config, folder, **options):
    """Trains or tests under a name of its own, as MMEngine tells runs apart by the second in which they begin."""
    return do(config, work_dir=folder, options=dict(experiment_name=str(uuid.uuid4())), **options)


def figures_of_random_weights(config: Config, folder) -> dict[str, float]:
    torch.save(go(build_runner, config, folder).model.state_dict(), folder / 'random.pth')
    return go(test, config, folder, checkpoint=folder / 'random.pth')


@pytest.mark.parametrize('name, figure', [(NAMES[1], 'mpjpe'), (NAMES[6], 'mrpe')])
def test_a_miniature_trains_and_tests(small, tmp_path, name, figure):
    config = small(name)
    runner = go(train, config, tmp_path / 'run')
    assert all(value.isfinite().all() for value in runner.model.state_dict().values())
    assert go(test, config, tmp_path / 'run', checkpoint=tmp_path / 'run/epoch_1.pth')[figure] > 0


def test_roots_of_coco_are_written_though_nobody_knows_them(small, tmp_path):
    assert figures_of_random_weights(small(NAMES[8]), tmp_path) == {}
    assert len(json.loads((tmp_path / 'roots.json').read_text())) == 2


def test_rootnets_json_feeds_posenet(small, tmp_path):
    assert figures_of_random_weights(small(NAMES[7]), tmp_path)['ap_root'] in (0, 100)
    entry, = json.loads((tmp_path / 'roots.json').read_text())
    assert entry.keys() == {'image_id', 'bbox', 'root_cam', 'score'}
    pose = small(NAMES[2])
    pose.test_dataloader.dataset.layout.boxes = str(tmp_path / 'roots.json')
    figures = figures_of_random_weights(pose, tmp_path)
    assert figures['missed'] == figures['extra'] in (0, 1) and 0 <= figures['pck_abs/all'] <= 100
