"""Each stand-in appears only where the real thing is missing; every case runs in an interpreter of its own."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest


@pytest.fixture
def python(tmp_path: Path, repo_root: Path):
    """Runs code in a fresh interpreter that sees ``tmp_path``'s packages first; returns what it printed."""

    def run(code: str) -> str:
        done = subprocess.run([sys.executable, '-W', 'ignore', '-c', textwrap.dedent(code)],
                              env={**os.environ, 'PYTHONPATH': f'{tmp_path}{os.pathsep}{repo_root}'},
                              cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


def package(folder: Path, name: str, **files: str) -> None:
    (folder / name).mkdir()
    (folder / name / '__init__.py').write_text(files.pop('init', ''))
    for stem, text in files.items():
        (folder / name / f'{stem}.py').write_text(text)


def simcc(folder: Path) -> None:
    package(folder, 'mmpose')
    package(folder / 'mmpose', 'visualization', simcc_vis='from torchvision.transforms import ToPILImage\n')


def test_importing_the_package_imports_nothing_heavy(python):
    heavy = python("""
        import sys, cliff_ext
        heavy = 'torch', 'numpy', 'mmengine', 'mmcv', 'mmdet', 'mmpose', 'pycocotools'
        print([name for name in heavy if name in sys.modules])
    """)
    assert heavy == '[]'


def test_the_registries_import_neither_mmcv_nor_mmdet_nor_mmpose(python):
    heavy = python("""
        import sys, cliff_ext.registry
        print([name for name in ('mmcv', 'mmdet', 'mmpose', 'scipy', 'av') if name in sys.modules])
    """)
    assert heavy == '[]'


def test_installing_twice_arms_the_hooks_once(python):
    assert python("""
        import sys, cliff_ext
        before = list(sys.meta_path)
        cliff_ext.integrations.install()
        print(before == sys.meta_path)
    """) == 'True'


def test_compiled_mmcv_is_left_alone(python, tmp_path):
    package(tmp_path, 'mmcv', _ext='nms = "compiled"\n')
    assert python('import cliff_ext, mmcv._ext; print(mmcv._ext.nms)') == 'compiled'


def test_a_broken_compiled_mmcv_says_what_is_wrong_itself(python, tmp_path):
    package(tmp_path, 'mmcv', _ext='raise ImportError("undefined symbol")\n')
    assert python("""
        import cliff_ext
        try:
            import mmcv._ext
        except ImportError as error:
            print(error)
    """) == 'undefined symbol'


def test_missing_mmcv_extension_gets_the_fallback_with_a_spec(python, tmp_path):
    package(tmp_path, 'mmcv')
    assert python("""
        import importlib.util, cliff_ext, mmcv._ext
        print(mmcv._ext.nms.__module__, importlib.util.find_spec('mmcv._ext').name)
        print(hasattr(mmcv._ext, '__path__'), hasattr(mmcv._ext, '_private'), hasattr(mmcv._ext, 'roi_align_forward'))
        try:
            mmcv._ext.roi_align_forward()
        except NotImplementedError as error:
            print('roi_align_forward' in str(error) and 'compiled mmcv' in str(error))
    """).splitlines() == ['cliff_ext.integrations.mmcv_ops mmcv._ext', 'False False True', 'True']


def test_torchvision_stays_missing_for_everybody_but_mmpose(python, tmp_path):
    if python('import importlib.util; print(importlib.util.find_spec("torchvision"))') != 'None':
        pytest.skip('torchvision is installed')
    simcc(tmp_path)
    assert python("""
        import importlib.util, inspect, sys, cliff_ext
        import mmpose.visualization.simcc_vis as user
        print(user.ToPILImage.__module__)
        print('torchvision' in sys.modules, importlib.util.find_spec('torchvision'))
        print(inspect.getsource(user).strip())
        print(type(user.__spec__.loader).__name__)
    """).splitlines() == [
        'cliff_ext.integrations.torchvision_stand_in', 'False None', 'from torchvision.transforms import ToPILImage',
        'SourceFileLoader'
    ]


def test_installed_torchvision_is_left_alone(python, tmp_path):
    simcc(tmp_path)
    package(tmp_path, 'torchvision', transforms='ToPILImage = "real"\n')
    assert python("""
        import cliff_ext, sys
        import mmpose.visualization.simcc_vis as user
        print(user.ToPILImage, 'torchvision' in sys.modules)
    """) == 'real True'


def test_missing_xtcocotools_is_pycocotools(python, tmp_path):
    if python('import importlib.util; print(importlib.util.find_spec("xtcocotools"))') != 'None':
        pytest.skip('xtcocotools is installed')
    evaluation = 'class Params: pass\nclass COCOeval:\n    def __init__(self, gt, dt, kind): self.kind = kind\n'
    package(tmp_path, 'pycocotools', coco='class COCO: pass\n', mask='', cocoeval=evaluation)
    assert python("""
        import cliff_ext, xtcocotools
        from xtcocotools.coco import COCO
        import xtcocotools.mask, xtcocotools.coco, pycocotools.coco
        from xtcocotools.cocoeval import COCOeval
        print(COCO is pycocotools.coco.COCO, pycocotools.coco.__spec__.name, pycocotools.__spec__.name)
        print(COCOeval(None, None, 'bbox').kind)
        try:
            COCOeval(None, None, 'keypoints', [0.1], False)
        except NotImplementedError as error:
            print('real xtcocotools' in str(error))
    """).splitlines() == ['True pycocotools.coco pycocotools', 'bbox', 'True']


def test_broken_xtcocotools_is_pycocotools(python, tmp_path):
    package(tmp_path, 'xtcocotools', coco='', mask='raise ValueError("numpy.dtype size changed")\n')
    package(tmp_path, 'pycocotools', coco='COCO = "pycocotools"\n', mask='')
    assert python("""
        import cliff_ext
        from xtcocotools.coco import COCO
        import xtcocotools.mask, pycocotools.mask
        print(COCO, xtcocotools.mask is pycocotools.mask)
    """) == 'pycocotools True'


def test_working_xtcocotools_is_left_alone(python, tmp_path):
    package(tmp_path, 'xtcocotools', coco='COCO = "real"\n', mask='')
    package(tmp_path, 'pycocotools', coco='COCO = "pycocotools"\n', mask='')
    assert python('import cliff_ext; from xtcocotools.coco import COCO; print(COCO)') == 'real'


def test_without_either_coco_package_the_error_is_the_usual_one(python, tmp_path):
    package(tmp_path, 'pycocotools', init='')
    assert python("""
        import sys, cliff_ext
        from importlib.machinery import PathFinder
        if PathFinder.find_spec('xtcocotools') is not None:
            print("No module named 'xtcocotools.coco'")
            raise SystemExit
        try:
            import xtcocotools.coco
        except ModuleNotFoundError as error:
            print(error)
    """) == "No module named 'xtcocotools.coco'"


@pytest.mark.parametrize('first, second', [('cliff_ext', 'mmengine.logging'), ('mmengine.logging', 'cliff_ext')])
def test_safe_globals_are_registered_whichever_is_imported_first(python, first, second):
    assert python(f"""
        import {first}
        import {second}
        import torch
        from mmengine.logging import HistoryBuffer
        safe = torch.serialization.get_safe_globals()
        print(HistoryBuffer in safe, getattr in safe)
    """) == 'True False'


@pytest.mark.parametrize('first, second', [('cliff_ext', 'mmpose.registry'), ('mmpose.registry', 'cliff_ext')])
def test_mmposes_codecs_get_our_branch_whichever_is_imported_first(python, first, second):
    if python('import importlib.util; print(importlib.util.find_spec("mmpose"))') == 'None':
        pytest.skip('mmpose is not installed')
    assert python(f"""
        import sys
        import {first}
        import {second}
        print('mmpose.codecs' in sys.modules)
        print(mmpose.registry.KEYPOINT_CODECS.get('cliff_ext.SoftArgmax3DLabel').__name__)
    """).splitlines() == ['False', 'SoftArgmax3DLabel']


def test_our_rooms_need_no_mmpose(python):
    assert python("""
        import sys
        sys.modules['mmpose'] = None
        from cliff_ext.registry import EVALUATORS, MODELS
        print(MODELS.get('CLIFFHead').__name__, EVALUATORS.get('RefinedEvaluator').__name__)
        try:
            MODELS.build(dict(type='TopdownPoseNetHead', num_joints=1, decoder={}))
        except ImportError as error:
            print(error)
    """).splitlines()[-2:] == [
        'CLIFFHead RefinedEvaluator',
        'cliff_ext.integrations.mmpose needs mmpose >= 1.3, < 1.4, and none is installed: '
        'pip install --no-deps "mmpose>=1.3.2,<1.4"'
    ]
