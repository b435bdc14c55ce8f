import json
import subprocess
import sys

import numpy as np
import pytest


@pytest.fixture
def options(tmp_path):
    time = np.arange(30)[:, None] / 8
    np.savez(tmp_path / 'motion.npz', joints_3d=np.sin(time + np.arange(51)).reshape(30, 17, 3).astype(np.float32),
             offsets=[0, 30], names=np.array(['a']))
    return ['--work-dir', tmp_path / 'run', '--cfg-options', 'train_cfg.max_epochs=1', 'train_dataloader.batch_size=8',
            'train_dataloader.num_workers=0', 'model.embed_dims=16', 'model.num_layers=1', 'load_from=None',
            *(f'{part}_dataloader.dataset.layout.file={tmp_path / "motion.npz"}' for part in ('train', 'val', 'test'))]


def run(repo_root, *command) -> subprocess.CompletedProcess:
    return subprocess.run([str(part) for part in command], cwd=repo_root, capture_output=True, text=True, check=False)


def test_train_then_test_from_the_command_line(repo_root, tmp_path, options):
    config = 'configs/synsp/synsp-8_mocap-3d.py'
    done = run(repo_root, sys.executable, 'tools/train.py', config, *options)
    assert done.returncode == 0, done.stderr
    done = run(repo_root, sys.executable, 'tools/test.py', config, '--checkpoint', tmp_path / 'run/epoch_1.pth', '--out',
               tmp_path / 'figures.json', *options)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / 'figures.json').read_text())['refined/mpjpe'] > 0


@pytest.mark.parametrize('script', ['dist_train.sh', 'dist_test.sh', 'slurm_train.sh', 'slurm_test.sh'])
def test_launch_scripts_pass_everything_on(repo_root, tmp_path, script):
    for name in ('srun', 'python'):
        tool = tmp_path / name
        tool.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
        tool.chmod(0o755)
    slurm = script.startswith('slurm')
    command = ['partition', 'job', 'a config.py'] if slurm else ['a config.py', '2']
    done = subprocess.run(['bash', f'tools/{script}', *command, '--work-dir', 'some where'], cwd=repo_root, check=False,
                          capture_output=True, text=True, env=dict(PATH=f'{tmp_path}:/usr/bin:/bin', GPUS='4'))
    words = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert 'a config.py' in words and words[-2:] == ['--work-dir', 'some where']
    assert words[words.index('--launcher') + 1] == ('slurm' if slurm else 'pytorch')
    assert ('--ntasks=4' if slurm else '--nproc_per_node=2') in words
    assert any(word.endswith(f'/{script.split("_")[1].removesuffix(".sh")}.py') for word in words)
