import os
import pickle

import pytest
import torch
from torch import nn

from cliff_ext.io import CheckpointError, UnsafePickleError, load_checkpoint, load_weights


class Bomb:

    def __reduce__(self):
        return os.system, ('touch /tmp/cliff_ext_bomb_went_off', )


def test_a_checkpoint_that_would_run_code_is_refused(tmp_path):
    torch.save({'state_dict': Bomb()}, tmp_path / 'a.pth')
    with pytest.raises(UnsafePickleError, match='could run code'):
        load_checkpoint(tmp_path / 'a.pth')
    assert not os.path.exists('/tmp/cliff_ext_bomb_went_off')  # noqa: PTH110


def test_missing_and_foreign_files(tmp_path):
    with pytest.raises(FileNotFoundError, match='a.pth'):
        load_checkpoint(tmp_path / 'a.pth')
    for text in ('hello', '<!DOCTYPE html>\n<html>', 'version https://git-lfs.github.com/spec/v1\noid sha256:1\n'):
        (tmp_path / 'a.pth').write_text(text)
        with pytest.raises(CheckpointError, match=r'a.pth is not a PyTorch checkpoint but text.*' + text[:7]):
            load_checkpoint(tmp_path / 'a.pth')
    (tmp_path / 'a.pth').write_bytes(b'')
    with pytest.raises(CheckpointError, match='cut short'):
        load_checkpoint(tmp_path / 'a.pth')
    torch.save(torch.zeros(3), tmp_path / 'b.pth')
    with pytest.raises(CheckpointError, match='Tensor'):
        load_checkpoint(tmp_path / 'b.pth')
    (tmp_path / 'c.pth').write_bytes(pickle.dumps({'a': 1})[:4])
    with pytest.raises((CheckpointError, UnsafePickleError), match='c.pth'):
        load_checkpoint(tmp_path / 'c.pth')


def test_half_precision_widens(tmp_path):
    model = nn.Linear(2, 2)
    torch.save({'state_dict': {k: v.half() for k, v in model.state_dict().items()}}, tmp_path / 'a.pth')
    other = nn.Linear(2, 2)
    load_weights(other, tmp_path / 'a.pth')
    assert other.weight.dtype == torch.float32 and torch.allclose(other.weight, model.weight, atol=1e-3)


def test_weights_of_another_model_list_what_differs(tmp_path):
    torch.save(nn.Linear(3, 2, bias=False).state_dict() | {'extra': torch.zeros(1)}, tmp_path / 'a.pth')
    with pytest.raises(CheckpointError) as error:
        load_weights(nn.Linear(2, 2), tmp_path / 'a.pth')
    for part in ('another model', 'bias', 'extra', 'weight: file (2, 3), model (2, 2)'):
        assert part in str(error.value)
    torch.save(nn.Linear(2, 2).state_dict() | {'extra': torch.zeros(1)}, tmp_path / 'b.pth')
    load_weights(nn.Linear(2, 2), tmp_path / 'b.pth', extra_ok=True)
