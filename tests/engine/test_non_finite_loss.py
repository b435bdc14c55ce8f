import json
from types import SimpleNamespace

import pytest
import torch

from cliff_ext.engine import NonFiniteLossError, NonFiniteLossHook
from cliff_ext.structures import HumanDataSample


def batch(count: int) -> dict:
    return dict(data_samples=[HumanDataSample(metainfo=dict(sample_id=f'images/{i}.jpg#0')) for i in range(count)])


def test_a_finite_loss_passes_and_writes_nothing(tmp_path):
    runner = SimpleNamespace(work_dir=str(tmp_path), epoch=0, iter=0)
    NonFiniteLossHook().after_train_iter(runner, 0, batch(2), dict(loss=torch.tensor(1.)))
    NonFiniteLossHook().after_train_iter(runner, 0, batch(2), {})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('value', [float('nan'), float('inf')])
def test_a_loss_that_is_no_number_stops_with_the_people_of_the_batch(tmp_path, value):
    runner = SimpleNamespace(work_dir=str(tmp_path), epoch=2, iter=40)
    losses = dict(loss=torch.tensor(value), loss_pose=torch.tensor(value), loss_betas=torch.tensor(0.5))
    with pytest.raises(NonFiniteLossError, match='epoch 3, iteration 41: loss = (nan|inf), loss_pose') as caught:
        NonFiniteLossHook().after_train_iter(runner, 3, batch(10), losses)
    assert 'images/7.jpg#0 and 2 more' in str(caught.value) and 'images/8' not in str(caught.value)
    written = json.loads((tmp_path / 'non_finite_loss_0.json').read_text())
    assert written['sample_ids'] == caught.value.sample_ids == [f'images/{i}.jpg#0' for i in range(10)]
    assert written['losses']['loss_betas'] == '0.5' and written['iter'] == 41
