import subprocess
import sys

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
