"""The scope mmtrack on mmdet's classes, where mmtrack itself is missing; nothing where it is installed."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from mmdet.registry import MODELS as MMDET_MODELS
from mmdet.registry import TRANSFORMS as MMDET_TRANSFORMS
from mmengine.registry import DATA_SAMPLERS, DATASETS, MODELS, TRANSFORMS, DefaultScope

from cliff_ext.integrations.mmtrack import ALIASES
from cliff_ext.integrations.mmtrack.renamed import frame_pipeline

TRACKER = dict(type='ByteTracker', num_frames_retain=7)


@pytest.fixture
def python(tmp_path: Path, repo_root: Path):
    """Runs code in a fresh interpreter that sees ``tmp_path``'s packages first; returns what it printed."""

    def run(code: str) -> str:
        done = subprocess.run([sys.executable, '-W', 'ignore', '-c', textwrap.dedent(code)], cwd=tmp_path, timeout=300,
                              env={**os.environ, 'PYTHONPATH': f'{tmp_path}{os.pathsep}{repo_root}'}, capture_output=True,
                              text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


@pytest.mark.parametrize('name', ['ByteTrack', 'mmtrack.ByteTrack'])
def test_bytetrack_is_mmdets_with_its_motion_in_the_tracker(name):
    with DefaultScope.overwrite_default_scope('mmtrack'):
        model = MODELS.build(dict(type=name, motion=dict(type='KalmanFilter', center_only=True), tracker=TRACKER,
                                  data_preprocessor=dict(type='TrackDataPreprocessor')))
    assert type(model) is MMDET_MODELS.get('ByteTrack')
    assert model.tracker.motion.center_only is True
    assert model.tracker.num_frames_retain == 7


def test_a_scope_in_the_type_is_enough():
    from mmengine.registry import TASK_UTILS
    assert type(TASK_UTILS.build(dict(type='mmtrack.KalmanFilter'))).__module__.startswith('mmdet.')


def test_motion_where_mmdet_wants_it_stays_there():
    with DefaultScope.overwrite_default_scope('mmtrack'):
        model = MODELS.build(dict(type='ByteTrack', tracker=dict(TRACKER, motion=dict(type='KalmanFilter', use_nsa=True))))
    assert model.tracker.motion.use_nsa is True


def test_what_kept_its_name_is_mmdets_class_and_ours_are_found():
    assert ALIASES['TRANSFORMS'].get('PackTrackInputs') is MMDET_TRANSFORMS.get('PackTrackInputs')
    assert ALIASES['MODELS'].get('mmdet.YOLOX') is MMDET_MODELS.get('YOLOX')
    assert ALIASES['MODELS'].get('cliff_ext.CLIFF').__name__ == 'CLIFF'
    assert {alias.scope for alias in ALIASES.values()} == {'mmtrack'}


def test_a_pipeline_for_one_frame_becomes_one_for_a_list_of_frames():
    load, resize = dict(type='LoadImageFromFile'), dict(type='mmdet.Resize', scale=(64, 64))
    pack = dict(type='PackTrackInputs', pack_single_img=True, meta_keys=('fps', ))
    wanted = [dict(type='TransformBroadcaster', transforms=[load, resize]),
              dict(type='PackTrackInputs', meta_keys=('fps', ))]
    assert frame_pipeline([load, resize, pack]) == wanted
    assert frame_pipeline(wanted) == wanted


def test_what_mmdet_did_not_take_over_is_named():
    with DefaultScope.overwrite_default_scope('mmtrack'), pytest.raises(KeyError, match='has no model SiamRPN'):
        MODELS.build(dict(type='SiamRPN'))


def test_training_data_are_refused_with_the_remedy():
    with pytest.raises(NotImplementedError, match='write train_dataloader as mmdet'):
        DATASETS.build(dict(type='mmtrack.MOTChallengeDataset', pipeline=[], ref_img_sampler=dict(num_ref_imgs=1)))


def test_samplers_and_transforms_are_found_too():
    assert DATA_SAMPLERS.get('mmtrack.VideoSampler').__name__ == 'track_img_sampler'
    assert TRANSFORMS.get('mmtrack.Resize') is MMDET_TRANSFORMS.get('Resize')
    load = TRANSFORMS.build(dict(type='mmtrack.LoadTrackAnnotations', with_instance_id=True, with_label=False))
    assert type(load) is MMDET_TRANSFORMS.get('LoadTrackAnnotations')
    assert load.with_label is False


def test_a_real_mmtrack_is_left_alone(python, tmp_path):
    (tmp_path / 'mmtrack').mkdir()
    (tmp_path / 'mmtrack/__init__.py').write_text('')
    (tmp_path / 'mmtrack/registry.py').write_text('MODELS = "their own"\n')
    assert python('import cliff_ext, mmtrack.registry; print(mmtrack.registry.MODELS)') == 'their own'


def test_a_mmtrack_of_the_0x_line_gets_no_registries_from_us(python, tmp_path):
    (tmp_path / 'mmtrack').mkdir()
    (tmp_path / 'mmtrack/__init__.py').write_text('')
    assert python("""
        import cliff_ext
        try:
            import mmtrack.registry
        except ModuleNotFoundError as error:
            print(error)
    """) == "No module named 'mmtrack.registry'"


def test_the_stand_in_is_empty_and_imports_nothing(python):
    version, apis = python("""
        import sys, cliff_ext, mmtrack
        try:
            mmtrack.__version__
        except AttributeError as error:
            print(error)
        try:
            import mmtrack.apis
        except ModuleNotFoundError:
            print('no apis', 'mmdet' in sys.modules)
    """).splitlines()
    assert version.startswith('mmtrack.__version__: mmtrack is not installed; cliff_ext stands in for its registries only')
    assert apis == 'no apis False'
