import subprocess
import sys

import pytest

from cliff_ext.evaluation.parity import run_fixture, runnable


@pytest.mark.parametrize('name', [
    'cliff_geometry', 'geometry', 'cliff_res50', 'cliff_hr48', 'filters', 'metrics', 'mppe_geometry', 'posenet_res50',
    'posenet_res50_j21', 'rootnet_res50', 'smplify_losses'])
def test_ours_matches_the_recorded_references(repo_root, name):
    shared = repo_root.parent / 'shared' / 'parity'
    folder = shared if shared.is_dir() else repo_root / 'tests' / 'data' / 'parity'
    if not (folder / f'{name}.json').is_file():
        pytest.skip(f'{name} is not in {folder}')
    checks = run_fixture(folder, name)
    assert len(checks) >= 5
    assert not [check for check in checks if check.ok is False]


def test_a_miss_is_a_miss(repo_root, tmp_path):
    import json

    import numpy as np
    source = repo_root / 'tests' / 'data' / 'parity'
    with np.load(source / 'geometry.npz') as data:
        arrays = {key: data[key] for key in data.files}
    arrays['out_ref64_rotmat'][5, 0, 0] += 0.01
    np.savez(tmp_path / 'geometry.npz', **arrays)
    (tmp_path / 'geometry.json').write_text((source / 'geometry.json').read_text())
    assert any(check.ok is False for check in run_fixture(tmp_path, 'geometry'))
    tool = [sys.executable, str(repo_root / 'tools/analysis_tools/check_parity.py'), str(tmp_path)]
    run = subprocess.run(tool, capture_output=True, text=True, check=False)
    assert run.returncode == 1 and ' NO' in run.stdout
    assert subprocess.run([*tool, '--only', 'cliff_res50'], capture_output=True, check=False).returncode == 2
    assert json.loads((tmp_path / 'geometry.json').read_text()) and 'geometry' in runnable()
