import importlib.util

import pytest
from mmengine.config import Config

from cliff_ext.datasets import SOURCES
from cliff_ext.registry import DATASETS, METRICS, MODELS, TRANSFORMS


def generator(repo_root):
    path = repo_root / 'tools/misc/generate_refiner_configs.py'
    spec = importlib.util.spec_from_file_location('generate_refiner_configs', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_files_are_what_the_generator_writes(repo_root):
    made = generator(repo_root).all_configs()
    found = {path.relative_to(repo_root / 'configs').as_posix(): path.read_text()
             for name in ('smoothnet', 'synsp') for path in (repo_root / 'configs' / name).glob('*.py')}
    assert made == {name: text for name, text in found.items() if 'mocap' not in name}


def test_every_source_has_its_configs(repo_root):
    cells = {source.name.lower().replace('_', '-') for source in SOURCES.values()}
    smoothnet = {path.stem.split('_', 1)[1] for path in (repo_root / 'configs/smoothnet').glob('smoothnet-32_*.py')}
    assert cells <= smoothnet
    synsp = {path.stem.split('_', 1)[1] for path in (repo_root / 'configs/synsp').glob('synsp-8_*.py')}
    assert {source.name.lower().replace('_', '-') for source in SOURCES.values() if 'train' in source.splits} <= synsp


@pytest.mark.parametrize('method', ['smoothnet', 'synsp'])
def test_every_config_builds(repo_root, method):
    for path in sorted((repo_root / 'configs' / method).glob('*.py')):
        config = Config.fromfile(path)
        model = MODELS.build(config.model)
        parts = config.train_dataloader.dataset.get('datasets', [config.train_dataloader.dataset])
        for dataset in (*parts, config.test_dataloader.dataset, config.val_dataloader.dataset):
            layout = DATASETS.build(dataset.layout)  # names a known source with such a split
            for transform in dataset.pipeline:
                TRANSFORMS.build(transform)
        assert all(part.window_size == model.window_size for part in parts), path
        kind = dict(keypoints3d='Keypoints3DMetric', keypoints2d='Keypoints2DMetric', smpl='SMPLSequenceMetric')
        assert config.test_evaluator.type == kind[layout.representation] == config.val_evaluator.type, path
        METRICS.build(config.test_evaluator) if method == 'synsp' and 'smpl' not in path.stem else None
        if method == 'synsp' and hasattr(layout, 'source'):
            sizes = dict(keypoints3d=3, keypoints2d=2, smpl=6)
            joints = dict(lsp14=14, h36m17=17, smpl24=24, jhmdb15=15)[layout.source.skeleton]
            assert model.in_channels == joints * sizes[layout.representation], path
