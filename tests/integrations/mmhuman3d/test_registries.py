"""In mmhuman3d's own environment: names, the error where it is missing, and what stands in for PyTorch3D."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from cliff_ext.integrations.packages import installed_version

FITS = (installed_version('mmhuman3d') or '').startswith('0.11')
needs_mmhuman3d = pytest.mark.skipif(not FITS, reason='needs mmhuman3d 0.11: projects/mmhuman3d/setup_env.sh')


def python(code: str, *folders: Path) -> str:
    path = os.pathsep.join([*map(str, folders), str(Path(__file__).resolve().parents[3])])
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', textwrap.dedent(code)], capture_output=True, text=True,
                          env={**os.environ, 'PYTHONPATH': path}, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(FITS, reason='mmhuman3d is installed')
def test_a_missing_mmhuman3d_is_named_in_one_line():
    message = python("""
        try:
            import cliff_ext.integrations.mmhuman3d
        except RuntimeError as error:
            print(error)
    """)
    assert message.startswith('mmhuman3d is not installed; cliff_ext needs mmhuman3d>=0.11,<0.12') and '\n' not in message
    assert 'pip install --no-deps "mmhuman3d' in message


@needs_mmhuman3d
def test_an_unfit_mmcv_is_named_before_mmhuman3d_is_imported(tmp_path):
    (tmp_path / 'mmcv').mkdir()
    (tmp_path / 'mmcv' / '__init__.py').write_text('')
    (tmp_path / 'mmcv' / 'version.py').write_text("__version__ = '2.1.0'\n")
    assert python("""
        import sys
        try:
            import cliff_ext.integrations.mmhuman3d
        except RuntimeError as error:
            print(error, 'mmhuman3d' in sys.modules)
    """, tmp_path) == ('mmcv 2.1.0 is installed; cliff_ext needs mmcv>=1.3.17,<=1.6.1. To get it: pip install '
                       '--no-build-isolation --no-deps mmcv==1.6.1 False')


@needs_mmhuman3d
def test_every_name_is_reached_by_scope_and_none_is_mmhuman3ds():
    from cliff_ext.integrations.mmhuman3d import registered, registries
    assert registered() == {
        'heads': ['cliff_ext.CLIFFHead', 'cliff_ext.FeedbackHead'],
        'necks': ['cliff_ext.GlobalPool', 'cliff_ext.PartAttention'],
        'body_models': ['cliff_ext.SMPLBody'],
        'post_processing': [f'cliff_ext.{name}' for name in (
            'Gaussian1D', 'Infill', 'LearnedRefine', 'OneEuro', 'SavitzkyGolay')],
        'pipeline': ['cliff_ext.FullFrameCrop'],
        'dataset': ['cliff_ext.HumanMeshDataset'],
    }
    for registry in (registries.HEADS, registries.NECKS, registries.BODY_MODELS, registries.POST_PROCESSING,
                     registries.PIPELINES, registries.DATASETS):
        for name, found in registry.module_dict.items():
            assert registry.parent.get(f'cliff_ext.{name}') is found
            assert registry.parent.module_dict.get(name) is not found


@needs_mmhuman3d
def test_rendering_asks_for_pytorch3d_and_other_modules_do_not_see_it():
    if python('import importlib.util; print(importlib.util.find_spec("pytorch3d"))') != 'None':
        pytest.skip('PyTorch3D is installed')
    lines = python("""
        import cliff_ext.integrations.mmhuman3d
        import mmhuman3d.core.visualization.visualize_smpl
        from mmhuman3d.core.cameras import build_cameras
        try:
            build_cameras(dict(type='PerspectiveCameras', in_ndc=False))
        except Exception as error:
            print(error)
        from pytorch3d.renderer import TexturesUV
        try:
            TexturesUV()
        except ImportError as error:
            print(error)
    """).splitlines()
    assert 'pytorch3d is not installed' in lines[-2] and 'Install pytorch3d.' in lines[-2]
    assert lines[-1].startswith('pytorch3d.renderer.TexturesUV is needed')


@needs_mmhuman3d
def test_an_installed_pytorch3d_is_left_alone(tmp_path):
    (tmp_path / 'pytorch3d').mkdir()
    (tmp_path / 'pytorch3d' / '__init__.py').write_text('real = True\n')
    assert python("""
        from cliff_ext.integrations.mmhuman3d.stand_ins import arm
        import pytorch3d
        print(pytorch3d.real)
        try:
            import pytorch3d.renderer
        except ModuleNotFoundError as error:
            print(error)
    """.replace('from cliff_ext.integrations.mmhuman3d.stand_ins import arm', """
        import importlib.util, pathlib, sys, cliff_ext
        where = pathlib.Path(cliff_ext.__path__[0], 'integrations/mmhuman3d/stand_ins.py')
        spec = importlib.util.spec_from_file_location('stand_ins', where)
        module = importlib.util.module_from_spec(spec)
        sys.modules['stand_ins'] = module
        spec.loader.exec_module(module)
        module.arm()"""), tmp_path).splitlines() == ['True', "No module named 'pytorch3d.renderer'"]


@needs_mmhuman3d
def test_pytorch3ds_rotations_are_right():
    import numpy as np
    import torch
    from scipy.spatial.transform import Rotation

    from cliff_ext.integrations.mmhuman3d import pytorch3d_rotations as ours
    true = Rotation.random(20, random_state=0)
    matrix, rotvec = torch.from_numpy(true.as_matrix()), torch.from_numpy(true.as_rotvec())
    quat = torch.from_numpy(true.as_quat()[:, [3, 0, 1, 2]])
    quat = torch.where(quat[:, :1] < 0, -quat, quat)
    euler = torch.from_numpy(true.as_euler('XZY'))
    for found, wanted in (
        (ours.axis_angle_to_matrix(rotvec), matrix), (ours.axis_angle_to_quaternion(rotvec), quat),
        (ours.quaternion_to_axis_angle(-quat), rotvec), (ours.quaternion_to_matrix(quat), matrix),
        (ours.matrix_to_quaternion(matrix), quat), (ours.matrix_to_rotation_6d(matrix), matrix[:, :2].flatten(1)),
        (ours.rotation_6d_to_matrix(2 * matrix[:, :2].flatten(1)), matrix),
        (ours.euler_angles_to_matrix(euler, 'XZY'), matrix), (ours.matrix_to_euler_angles(matrix, 'XZY'), euler)):
        np.testing.assert_allclose(found.numpy(), wanted.numpy(), atol=1e-9)
