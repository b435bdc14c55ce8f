"""MMEngine resumes its own checkpoints under ``weights_only``, and a checkpoint that reaches further is refused."""

import os
from pathlib import Path

import pytest
import torch
from mmengine.logging import HistoryBuffer
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch.utils.data import Dataset

from cliff_ext.integrations.safe_globals import register


class Ones(Dataset):

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> dict:
        return dict(inputs=torch.ones(2))


class Line(BaseModel):

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def forward(self, inputs, data_samples=None, mode='tensor') -> dict:
        return dict(loss=self.layer(torch.stack(list(inputs))).square().sum())


def train(folder: Path, epochs: int, resume: bool) -> Runner:
    runner = Runner(
        model=Line(),
        work_dir=str(folder),
        train_dataloader=dict(
            batch_size=2, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False), dataset=Ones()),
        train_cfg=dict(by_epoch=True, max_epochs=epochs),
        optim_wrapper=dict(optimizer=dict(type='Adam', lr=0.1)),
        default_hooks=dict(logger=dict(type='LoggerHook', interval=1)),
        default_scope='mmengine',
        experiment_name=f'{folder.name}_{epochs}',
        log_level='ERROR',
        resume=resume)
    runner.train()
    return runner


def test_a_runner_resumes_with_optimizer_and_history(tmp_path):
    first = train(tmp_path, epochs=1, resume=False)
    second = train(tmp_path, epochs=2, resume=True)
    seen = second.message_hub.get_scalar('train/loss')
    assert (first.iter, second.epoch, second.iter) == (2, 2, 4)
    assert len(seen.data[0]) == 4  # two iterations before the interruption, two after
    assert second.optim_wrapper.optimizer.state_dict()['state'][0]['step'] == 4


def test_history_and_numpy_scalars_load_with_weights_only(tmp_path):
    register()  # again: onedl-mmengine's own list, which it forgets when it has resumed, takes ours with it
    buffer = HistoryBuffer([1., 3.], [1, 1])
    torch.save(dict(history=buffer, best=buffer.mean(), count=buffer.data[1].sum()), tmp_path / 'a.pth')
    loaded = torch.load(tmp_path / 'a.pth', weights_only=True)
    assert loaded['history'].mean() == 2 and loaded['history'].statistics('max') == 3
    assert (loaded['best'], loaded['count']) == (2, 2)


class Reaches:
    """Pickles as a call of ``function``."""

    def __init__(self, function, *args) -> None:
        self.reduced = (function, args)

    def __reduce__(self):
        return self.reduced


@pytest.mark.parametrize('harm', [
    Reaches(getattr, HistoryBuffer, '__init__'),
    Reaches(getattr, HistoryBuffer, 'register_statistics'),
    Reaches(getattr, 'text', 'format'),
    Reaches(os.getcwd),
], ids=['constructor', 'registration', 'other object', 'system call'])
def test_a_checkpoint_that_reaches_further_is_refused(tmp_path, harm):
    torch.save(dict(state_dict={}, meta=harm), tmp_path / 'b.pth')
    with pytest.raises(Exception, match='only HistoryBuffer|[Uu]nsupported|blocked'):
        torch.load(tmp_path / 'b.pth', weights_only=True)
