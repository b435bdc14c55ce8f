import collections
import subprocess
import sys

import numpy as np
import torch

from cliff_ext.apis import build_model
from cliff_ext.io import load_weights


def test_official_file_to_ours_and_back_into_the_model(repo_root, tmp_path):
    config = repo_root / 'configs' / 'cliff' / 'cliff_res50_256x192.py'
    model = build_model(config)
    official = {'module.' + k.replace('backbone.', 'encoder.').removeprefix('head.'): v
                for k, v in model.state_dict().items()}
    torch.save({'model': official}, tmp_path / 'official.pt')
    tool = [sys.executable, str(repo_root / 'tools/model_converters/convert_official.py'), str(tmp_path / 'official.pt'),
            str(config), str(tmp_path / 'ours.pth')]
    done = subprocess.run(tool, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and '331 entries, all placed' in done.stdout, done.stderr
    load_weights(build_model(config), tmp_path / 'ours.pth')

    official['module.surprise'] = official.pop('module.fc1.bias')
    torch.save({'model': official}, tmp_path / 'official.pt')
    (tmp_path / 'ours.pth').unlink()
    done = subprocess.run(tool, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and 'surprise' in done.stderr and 'head.fc1.bias' in done.stderr
    assert not (tmp_path / 'ours.pth').exists()


def test_a_smoothnet_file_of_the_official_trainer(repo_root, tmp_path):
    config = tmp_path / 'smoothnet.py'
    config.write_text("model = dict(type='SmoothNet', window_size=8)\n")
    theirs = {key.replace('encoder.', 'encoder.0.').replace('blocks.', 'res_blocks.').replace('.down.', '.linear1.')
              .replace('.up.', '.linear2.'): value for key, value in build_model(config).state_dict().items()}
    torch.save({'epoch': 3, 'state_dict': collections.OrderedDict(theirs), 'performance': [{'MPJPE': np.float64(54.)}],
                'optimizer': {}}, tmp_path / 'checkpoint_8.pth.tar')
    tool = [sys.executable, str(repo_root / 'tools/model_converters/convert_official.py'),
            str(tmp_path / 'checkpoint_8.pth.tar'), str(config), str(tmp_path / 'ours.pth')]
    done = subprocess.run(tool, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and '16 entries, all placed' in done.stdout, done.stderr
    load_weights(build_model(config), tmp_path / 'ours.pth')

    config.write_text("model = dict(type='SmoothNet', window_size=16)\n")
    done = subprocess.run(tool, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and 'encoder.weight (512, 8) instead of (512, 16)' in done.stderr
