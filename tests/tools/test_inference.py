import subprocess
import sys

import pytest

from cliff_ext.io import load_tracks


def run(repo_root, *args) -> subprocess.CompletedProcess:
    command = [sys.executable, 'tools/inference.py', *map(str, args)]
    return subprocess.run(command, cwd=repo_root, capture_output=True, text=True, check=False)


def test_the_demo_finds_its_people_with_what_ships(repo_root, tmp_path):
    done = run(repo_root, 'cliff_ext/zoo/demo_clip.mp4', '--out-dir', tmp_path, '--render', 'none')
    assert done.returncode == 0, done.stderr
    found = load_tracks(tmp_path / 'tracks.npz')
    assert len(found.tracks) >= 3 and sum(len(t) for t in found.tracks) > 250
    assert 'tracks.npz' in done.stdout


@pytest.mark.parametrize('args, message', [
    (['none.mp4'], 'no such file'),
    (['README.md'], 'not a video'),
    (['cliff_ext/zoo/demo_clip.mp4', 'nowhere.py'], 'config not found'),
    (['cliff_ext/zoo/demo_clip.mp4', '--checkpoint', 'nowhere.pth'], 'checkpoint not found: nowhere.pth'),
    (['cliff_ext/zoo/demo_clip.mp4', '--body-model', 'nowhere'], 'smpl.is.tue.mpg.de'),
    (['cliff_ext/zoo/demo_clip.mp4', '--boxes', 'README.md'], 'not json'),
])
def test_mistakes_give_one_clear_line_and_a_failing_exit_code(repo_root, tmp_path, args, message):
    done = run(repo_root, *args, '--out-dir', tmp_path)
    assert done.returncode == 1
    assert message in done.stderr and 'Traceback' not in done.stderr
