"""projects/mmhuman3d as its README runs it, on a few frames of the clip; in mmhuman3d's own environment."""

import subprocess
import sys

import numpy as np
import pytest

from cliff_ext.integrations.packages import installed_version
from cliff_ext.io import load_human_data

needs_mmhuman3d = pytest.mark.skipif(not (installed_version('mmhuman3d') or '').startswith('0.11'),
                                     reason='needs mmhuman3d 0.11: projects/mmhuman3d/setup_env.sh')


@pytest.fixture(scope='module')
def dataset(repo_root, tmp_path_factory):
    folder = tmp_path_factory.mktemp('demo')
    run(repo_root, 'projects/mmhuman3d/make_dataset.py', str(folder))
    return folder


def run(root, *command):
    done = subprocess.run([sys.executable, '-W', 'ignore', *command], cwd=root, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_the_clip_as_human_data(dataset):
    data = load_human_data(dataset / 'preprocessed_datasets' / 'demo_clip.npz')
    images = sorted(path.name for path in (dataset / 'datasets' / 'humman').iterdir())
    assert len(images) == 118 and set(data.image_path) <= set(images)
    assert sorted(set(data.sequence)) == ['person 0', 'person 1', 'person 2'] and len(data.bbox) == 328
    assert data.has_smpl.all() and (data.transl[:, 2] > 0).all()


@needs_mmhuman3d
def test_mmhuman3ds_tester_smoothing_and_speed_up(repo_root, dataset, tmp_path):
    short = load_few(dataset)
    config = tmp_path / 'config.py'
    config.write_text(f"_base_ = ['{repo_root}/projects/mmhuman3d/cliff_res18-parts_demo-clip.py']\n"
                      f"data = dict(test=dict(data_prefix='{dataset}', ann_file='{short}'))\n")
    lines = run(repo_root, 'projects/mmhuman3d/run.py', str(config)).replace('\r', '\n').splitlines()
    table = {line[:22].strip(): figures(line[22:]) for line in lines if 'cliff_ext/accel' in line}
    raw = table['estimated']
    assert raw['PA-MPJPE'] == pytest.approx(38.3, abs=1.)  # this person is easier than the clip's 51.5
    assert raw['cliff_ext/pa-mpjpe'] == pytest.approx(raw['PA-MPJPE'], abs=0.11)
    for name in ('oneeuro', 'savgol', 'gaus1d', 'smoothnet_windowsize8', 'every 5th frame'):
        assert table[name]['cliff_ext/accel'] < 0.7 * raw['cliff_ext/accel'], name
        assert table[name]['PA-MPJPE'] < raw['PA-MPJPE'] + 5, name


def load_few(dataset):
    """A second annotation file: one person's first 32 frames, written by mmhuman3d's own class."""
    from mmhuman3d.data.data_structures.human_data import HumanData
    whole = HumanData.fromfile(str(dataset / 'preprocessed_datasets' / 'demo_clip.npz'))
    rows = slice(0, 32)
    few = HumanData.new(source_dict=dict(
        image_path=whole['image_path'][rows], bbox_xywh=whole['bbox_xywh'][rows],
        smpl={name: value[rows] for name, value in whole['smpl'].items()},
        meta={name: np.asarray(value)[rows] for name, value in whole['meta'].items()}))
    few.dump(str(dataset / 'preprocessed_datasets' / 'few.npz'))
    return 'few.npz'


def figures(text):
    words = text.split()
    return {name: float(value) for name, value in zip(words[::2], words[1::2], strict=True)}


def test_the_post_processing_configs_name_our_transforms(repo_root):
    from cliff_ext.registry import TRACK_TRANSFORMS
    TRACK_TRANSFORMS.import_from_location()
    for path in (repo_root / 'projects' / 'mmhuman3d' / 'post_processing').glob('*.py'):
        scope: dict = {}
        exec(path.read_text(), scope)
        cfg = scope.get('smooth_cfg') or scope['speed_up_cfg']
        scope_name, name = cfg['type'].split('.')
        assert scope_name == 'cliff_ext' and name in TRACK_TRANSFORMS.module_dict, path
