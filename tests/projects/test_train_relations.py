"""Relations are trained on what comes before them, which stays as it is; the head goes on with them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

PROJECT = Path(__file__).parents[2] / 'projects/synthetic_humans'
if str(PROJECT) not in sys.path:
    sys.path.insert(0, str(PROJECT))

import train_relations  # noqa: E402
from generate import make_shard  # noqa: E402
from poses import PoseSource  # noqa: E402
from train_relations import Reader  # noqa: E402

from cliff_ext.structures import FullFrame  # noqa: E402

SHIPPED = 'embedded:demo_cliff.pth'


@pytest.fixture(autouse=True)
def at_root(monkeypatch: pytest.MonkeyPatch, repo_root: Path) -> None:
    from mmengine.registry import init_default_scope
    monkeypatch.chdir(repo_root)
    init_default_scope('cliff_ext')


def test_a_reader_goes_on_where_the_neck_was_stopped() -> None:
    reader = Reader(SHIPPED)
    torch.nn.init.normal_(reader.model.neck.relations.change.weight, std=0.05)
    crops = torch.randn(2, 3, 128, 96)
    frame = FullFrame(torch.tensor([[300., 200.]] * 2), torch.full((2, ), 1.5), torch.tensor([[640., 480.]] * 2),
                      torch.full((2, ), 700.))
    with torch.no_grad():
        feature = reader.extract_feat(crops)
        answer, whole = reader(feature, frame.bbox_info), reader.model.estimate(crops, frame)
        reader.model.flip_test = False
        plain = reader.model.estimate(crops, frame)
    assert feature.shape == (2, 128 * 16 * 12 + 48 * 32 * 24 + 384)
    torch.testing.assert_close(answer.body_pose, plain.body_pose)
    assert not torch.allclose(answer.body_pose, whole.body_pose), 'the config looks at mirrored crops too'


@pytest.mark.parametrize('minutes', [('0', '1'), ('1', '-2')])
def test_no_time_is_refused_before_anything_is_looked_at(minutes: tuple[str, str], tmp_path: Path, capsys,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    words = ['train_relations.py', str(tmp_path), '--out', str(tmp_path / 'o.pth'), '--minutes', *minutes]
    monkeypatch.setattr(sys, 'argv', words)
    with pytest.raises(SystemExit):
        train_relations.main()
    assert 'must be positive' in capsys.readouterr().err


def test_the_script_trains_relations_then_the_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    folder, out = tmp_path / 'few', tmp_path / 'run/small.pth'
    for name in ('images', 'surface'):
        (folder / name).mkdir(parents=True)
    pose = np.tile(np.eye(3), (1, 24, 1, 1))
    pose[:, 0] = Rotation.from_euler('x', 90, degrees=True).as_matrix()
    make_shard(PoseSource(pose), folder, index=0, frames=5, seed=4)
    words = ['train_relations.py', *[str(folder)] * 2, '--out', str(out), '--test', str(folder), '--minutes', '0.05', '0.05']
    monkeypatch.setattr(sys, 'argv', words)
    train_relations.main()
    assert capsys.readouterr().out.count('after 0.05 minutes: mpjpe') == 2
    start, trained = Reader(SHIPPED).model, Reader(str(out)).model
    after = trained.state_dict()
    same = {name: torch.equal(value, after[name]) for name, value in start.half().float().state_dict().items()}
    stays = ('backbone.', 'neck.lateral', 'neck.merge', 'neck.blocks', 'neck.fine_lateral')
    assert all(equal for name, equal in same.items() if name.startswith(stays))
    for name in ('neck.relations.change.weight', 'neck.where.weight', 'neck.fine_where.weight', 'head.decode.weight'):
        assert not same[name], name
