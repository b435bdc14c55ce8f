import importlib.util
import re
import subprocess
import sys

import numpy as np
import pytest
import torch

from cliff_ext.models import SmoothNet, SynSP, average_windows, window_starts


@pytest.fixture(scope='module')
def tool(repo_root):
    spec = importlib.util.spec_from_file_location('benchmark_refine', repo_root / 'tools/analysis_tools/benchmark_refine.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(('frames', 'size'), [(40, 8), (12, 8), (8, 8)])
def test_all_three_ways_average_alike(tool, frames, size):
    starts = window_starts(frames, size, 1)
    windows = torch.randn(len(starts), size, 3)
    ours = average_windows(windows, starts, frames)
    torch.testing.assert_close(tool.loop_average(windows), ours)
    torch.testing.assert_close(tool.convolution_average(windows), ours)


def test_the_reference_shape_gives_the_same_poses(tool):
    torch.manual_seed(0)
    model, windows = SynSP(8, 6, embed_dims=16, num_layers=2, num_heads=2, head_dims=8).eval(), torch.randn(3, 8, 6)
    with torch.no_grad():
        torch.testing.assert_close(tool.reference_shaped(model, windows), model(windows).refined, atol=1e-5, rtol=1e-5)


def test_ways_that_differ_stop_the_benchmark(tool):
    with pytest.raises(SystemExit, match='loop: the two ways differ by'):
        tool.agree('loop', torch.zeros(2), torch.ones(2), 1e-5)
    with pytest.raises(SystemExit, match='differ by nan'):
        tool.agree('loop', torch.full((1, ), torch.nan), torch.ones(1), 1e-5)


def test_steps_of_a_trained_network_are_compared(tool, repo_root, tmp_path, capsys):
    rng = np.random.default_rng(0)
    motion = np.sin(np.arange(60)[:, None, None] / 9 + rng.uniform(0, 6, (1, 17, 3))).astype(np.float32)
    np.savez(tmp_path / 'test.npz', joints_3d=motion, offsets=np.array([0, 40, 60]), names=np.array(['a', 'b']), fps=30,
             smpl_pose=np.zeros((60, 72), np.float32), root_trans=np.zeros((60, 3), np.float32))
    torch.manual_seed(0)
    torch.save(SmoothNet(32).state_dict(), tmp_path / 'weights.pth')
    tool.benchmark_steps(repo_root / 'configs/smoothnet/smoothnet-32_mocap-3d.py', str(tmp_path / 'weights.pth'),
                         tmp_path / 'test.npz')
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[3:]]
    assert [row[0] for row in rows] == ['input', '1', '2', '4', '8', '16', '32']
    assert float(rows[0][1]) > 0 and all(float(row[1]) != float(rows[0][1]) for row in rows[1:])
    assert rows[1][4] == '1.0' and float(rows[4][4]) > 1


def test_the_table_is_printed(repo_root):
    command = [sys.executable, str(repo_root / 'tools/analysis_tools/benchmark_refine.py'), '--frames', '80', '--repeats',
               '1', '--threads', '1', '--only', 'averaging', 'smoothnet']
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r'^ +(8|32|64) ', done.stdout, re.MULTILINE)) == 6
