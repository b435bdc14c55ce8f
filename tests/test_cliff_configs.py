"""Every recipe builds, its data sets, metrics and hooks are known, and it says what its name says."""

import copy

import pytest
from mmengine.config import Config
from mmengine.registry import DefaultScope

from cliff_ext.registry import DATASETS, HOOKS, METRICS, MODELS, TRANSFORMS, VISUALIZERS


@pytest.fixture(autouse=True)
def scope():
    import mmdet.models  # noqa: F401  (registers the backbones)
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        yield


def paths(repo_root):
    found = sorted((repo_root / 'configs/cliff').glob('cliff_*.py'))
    assert len(found) > 15
    return found


def open_body(config):
    """The same config with the body that ships; nothing in it needs a download."""
    if isinstance(config, (list, tuple)):
        return type(config)(map(open_body, config))
    if not isinstance(config, dict):
        return config
    if config.get('type') == 'SMPLBody':
        return dict(type='SMPLBody')
    return {key: open_body(value) for key, value in config.items() if key not in ('mean_params', 'init_cfg')}


def parts(loader) -> list[dict]:
    return loader.dataset.get('datasets', [loader.dataset])


def test_every_config_builds(repo_root):
    built = set()
    for path in paths(repo_root):
        config = Config.fromfile(path)
        model = open_body(config.model.to_dict())
        if 'hr48' not in path.stem and str(model) not in built:  # HRNet is large; tests/models build it
            MODELS.build(model)
            built.add(str(model))
        size = config.test_pipeline[0].output_size
        for name in ('train', 'val', 'test'):
            if f'{name}_dataloader' not in config:
                continue
            for dataset in parts(config[f'{name}_dataloader']):
                DATASETS.build(dataset.layout)
                crop = [t for t in dataset.pipeline if t.type == 'FullFrameCrop']
                assert crop[0].output_size == size, path
                [TRANSFORMS.build(transform) for transform in dataset.pipeline]
                assert (name == 'train') != dataset.get('test_mode', False), path
        for hook in config.get('custom_hooks', ()):
            HOOKS.build(hook)


def test_every_protocol_is_a_metric_that_builds(repo_root):
    seen = {}
    for path in paths(repo_root):
        config = Config.fromfile(path)
        if 'test_evaluator' not in config:
            continue
        key = str(config.test_evaluator)
        if key not in seen:
            options = open_body(copy.deepcopy(config.test_evaluator.to_dict()))
            seen[key] = METRICS.build(dict(options, gendered=False))
            assert not config.test_evaluator.get('gendered') or 'model_path' in config.test_evaluator.body_model
        assert config.val_evaluator == config.test_evaluator, path
    assert len(seen) == 7


def test_recipes_keep_their_names_promises(repo_root):
    for path in paths(repo_root):
        config = Config.fromfile(path)
        if 'train_dataloader' not in config:
            continue
        gpus, batch = _batch(path.stem)
        assert config.train_dataloader.batch_size == batch, path
        assert config.auto_scale_lr.base_batch_size == gpus * batch, path
        assert f'-{config.train_cfg.max_epochs}e_' in path.stem, path
        width, height = config.test_pipeline[0].output_size
        assert f'{height}x{width}' in path.stem, path
        assert config.default_hooks.checkpoint.rule == 'less'
        VISUALIZERS.build(open_body(config.visualizer.to_dict()) | dict(vis_backends=None, name=path.stem))


def _batch(stem: str) -> tuple[int, int]:
    gpus, batch = next(word for word in stem.replace('-', '_').split('_') if 'xb' in word).split('xb')
    return int(gpus), int(batch)


def test_the_ablation_differs_in_what_it_says(repo_root):
    def model(ending):
        return Config.fromfile(repo_root / f'configs/cliff/cliff_res18_1xb64-30e_synthetic-128x96{ending}.py')

    full, crop, blind = model(''), model('_crop-loss'), model('_crop-loss_no-bbox-info')
    assert crop.model.loss.pop('full_frame') is blind.model.loss.pop('full_frame') is False
    assert blind.model.pop('bbox_info') is False
    assert full.to_dict() == crop.to_dict() == blind.to_dict()


def test_fine_tuning_adds_3dpw_to_the_mixture(repo_root):
    configs = [Config.fromfile(repo_root / f'configs/cliff/cliff_res50_8xb32-{name}-256x192.py')
               for name in ('200e_mixed', '20e_3dpw')]
    mixed, tuned = (config.train_dataloader.dataset for config in configs)
    assert tuned.datasets[:-1] == mixed.datasets and '3dpw' in tuned.datasets[-1].layout.file
    assert sum(tuned.partition) == pytest.approx(1) == sum(mixed.partition)
