import numpy as np
import pytest
import torch
from mmengine.config import Config

from cliff_ext.apis.motion import build_refiner, draw_motion, refine_test_sequence
from cliff_ext.apis.refiner_table import GRIDS, format_table, noisy_sequences, refiner_table, tune_filter
from cliff_ext.io import VideoReader
from cliff_ext.registry import MODELS


@pytest.fixture
def shipped(repo_root, tmp_path):
    """A shipped config with miniature data and untrained weights, by representation."""

    def make(kind: str) -> Config:
        time = np.arange(60)[:, None] / 8
        rng = np.random.default_rng(0)
        joints = rng.normal(0, 0.4, 51) + 0.2 * np.sin(time + np.arange(51))
        for name in ('train', 'test'):
            np.savez(tmp_path / f'{name}.npz', joints_3d=joints.reshape(60, 17, 3).astype(np.float32), offsets=[0, 45, 60],
                     smpl_pose=(0.3 * np.sin(time + np.arange(72))).astype(np.float32), names=np.array(['02_01', '02/02']))
        cfg = Config.fromfile(repo_root / f'configs/synsp/synsp-8_mocap-{kind}.py')
        cfg.merge_from_dict({f'{part}_dataloader.dataset.layout.file': str(tmp_path / f'{part}.npz')
                             for part in ('train', 'test')})
        cfg.model.update(embed_dims=16, num_layers=1, num_heads=2, head_dims=8)
        cfg.load_from = str(tmp_path / f'{kind}.pth')
        torch.save(dict(state_dict=MODELS.build(cfg.model).state_dict()), cfg.load_from)
        return cfg

    return make


@pytest.mark.parametrize('kind, joint', [('3d', 'left_ankle'), ('smpl', None)])
def test_a_sequence_is_filmed_and_plotted(shipped, tmp_path, kind, joint):
    result = refine_test_sequence(shipped(kind), '02/02')
    assert {name: len(pose) for name, pose in result.versions.items()} == dict(input=15, refined=15, truth=15)
    error = {name: np.abs(pose - result.versions['truth']).mean() for name, pose in result.versions.items()}
    assert 0 < error['refined'] < error['input']
    files = draw_motion(result, tmp_path / 'out', joint, most=4)
    video = VideoReader(files['video'])
    assert (video.width, video.num_frames) == (3 * 420, 4)
    assert files['plot'].name == f'02_{joint or "right_wrist"}.png' and files['plot'].stat().st_size > 5000


def test_sequences_go_by_name_or_number(shipped, tmp_path):
    config = shipped('3d')
    assert refine_test_sequence(config, '1').name == '02/02' and refine_test_sequence(config).name == '02_01'
    with pytest.raises(KeyError, match='02_01'):
        refine_test_sequence(config, '07_01')
    result = refine_test_sequence(config)
    with pytest.raises(ValueError, match='no joint'):
        draw_motion(result, tmp_path / 'out', 'tail')
    assert not (tmp_path / 'out').exists()
    config.load_from = None
    with pytest.raises(ValueError, match='no weights'):
        build_refiner(config)


def test_the_table_tunes_filters_and_scores_everything_on_the_same_noise(shipped):
    config = shipped('3d')
    rows = refiner_table(dict(net=config), strengths=(1., 2.), goals=('mpjpe', ))
    assert [row.method.split(' ')[0] for row in rows] == ['input', *GRIDS, 'net'] * 2
    table = {(row.strength, row.method.split(' ')[0]): row for row in rows}
    assert table[2., 'input'].figures['mpjpe'] > 1.5 * table[1., 'input'].figures['mpjpe']
    for strength in (1., 2.):
        assert table[strength, 'Gaussian1D'].figures['accel'] < table[strength, 'input'].figures['accel'] / 2
    assert np.isinf(rows[0].frames_per_second) and np.isfinite(rows[1].frames_per_second)
    lines = format_table(rows).splitlines()
    assert len(lines) == 2 + len(rows) and '(-' in lines[3] and lines[0].startswith('| noise | method | mpjpe')


def test_tuning_finds_the_weaker_filter_for_weaker_noise(shipped):
    dataset = shipped('3d').test_dataloader.dataset
    sigma = [tune_filter('Gaussian1D', noisy_sequences(dataset, strength)[0], 3)['sigma'] for strength in (0.05, 3.)]
    assert sigma[0] < sigma[1]
    dataset.pipeline[0].seed = None
    with pytest.raises(ValueError, match='seed'):
        noisy_sequences(dataset, 1.)
