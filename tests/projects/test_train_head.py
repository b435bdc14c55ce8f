"""Simulated maps carry the errors of real ones over to other poses, and a head learns from them."""

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

import train_head  # noqa: E402
from generate import make_shard  # noqa: E402
from poses import PoseSource  # noqa: E402
from sight import People, SimulatedSight, draw_maps  # noqa: E402
from training import CONFIG, save_half, small_cliff  # noqa: E402

from cliff_ext.apis import Estimator  # noqa: E402
from cliff_ext.models import FeedbackHead  # noqa: E402
from cliff_ext.models.heads.map_reading import sharpest  # noqa: E402
from cliff_ext.structures import FullFrame, mirrored_order  # noqa: E402

MAP = (24, 32)
UPRIGHT = Rotation.from_euler('x', 90, degrees=True).as_matrix()


def poses(count: int, seed: int = 0) -> np.ndarray:
    """Standing people with turned joints (P, 24, 3, 3), z up."""
    turns = np.random.default_rng(seed).normal(size=(count * 24, 3)) * 0.3
    rotmats = Rotation.from_rotvec(turns).as_matrix().reshape(count, 24, 3, 3)
    rotmats[:, 0] = UPRIGHT
    return rotmats


def people(count: int, swapped: bool = False) -> tuple[People, SimulatedSight]:
    """People 4 m before the camera whose maps show each joint where it is, or where its mirror image is."""
    rotmats = torch.from_numpy(poses(count)).float()
    rotmats[:, 0] = torch.diag(torch.tensor([1., -1., -1.]))
    frame = FullFrame(torch.tensor([[320., 240.]]).repeat(count, 1), torch.full((count, ), 2.),
                      torch.tensor([[640., 480.]]).repeat(count, 1), torch.full((count, ), 700.))
    real = People(torch.zeros(count, 5 + 24 * 24 * 32), frame, rotmats, torch.zeros(count, 10),
                  torch.tensor([[0., 0.2, 4.]]).repeat(count, 1))
    places = SimulatedSight(real, MAP, poses(1), poses(1))._places(real.rotmats, real.betas, real.transl, frame)
    if swapped:
        places = places[:, mirrored_order('smpl24')]
    maps = draw_maps(places[:, :, None], torch.full((count, 24, 1), 0.9), MAP)
    real.feature = torch.cat([torch.ones(count, 5), maps.flatten(1)], 1)
    return real, SimulatedSight(real, MAP, poses(20, 1), poses(20, 2))


def test_drawn_maps_are_probabilities_with_their_peaks_in_place():
    places = torch.tensor([[[[0.3, 0.4], [0.8, 0.7]]]]).expand(1, 24, -1, -1)
    maps = draw_maps(places, torch.tensor([0.6, 0.3]).expand(1, 24, -1), MAP)
    assert torch.allclose(maps.sum((2, 3)), torch.ones(1, 24), atol=1e-5)
    found, mass = sharpest(maps)
    assert torch.allclose(found, places[:, :, 0], atol=0.01) and mass[0, 0].item() == pytest.approx(0.6, abs=0.03)


@pytest.mark.parametrize('swapped', [False, True])
def test_what_maps_mistake_they_mistake_in_other_poses_too(swapped):
    real, sight = people(16, swapped)
    drawn = sight.draw(np.random.default_rng(0), 64)
    assert 50 < len(drawn) <= 64
    assert (drawn.feature[:, :5] == 0).all(), 'of a simulated person nothing but the maps is known'
    true = sight._places(drawn.rotmats, drawn.betas, drawn.transl, drawn.frame)
    wanted = true[:, mirrored_order('smpl24')] if swapped else true
    found, _ = sharpest(drawn.feature[:, 5:].unflatten(1, (24, 32, 24)))
    inside = ((wanted > 0.1) & (wanted < 0.9)).all(-1)
    assert inside.float().mean() > 0.7
    off = ((found - wanted) * torch.tensor([0.75, 1.])).norm(dim=-1)[inside]
    assert off.median() < 0.012 and off.quantile(0.95) < 0.04


def test_simulated_people_are_cut_out_whole_and_stand_where_real_ones_stood():
    real, sight = people(16)
    drawn = sight.draw(np.random.default_rng(1), 64)
    true = sight._places(drawn.rotmats, drawn.betas, drawn.transl, drawn.frame)
    assert ((true > -0.1) & (true < 1.1)).all(-1).float().mean() > 0.97
    pelvis = sight.joints.bones(drawn.rotmats, drawn.betas)[1][:, 0] + drawn.transl
    stood = sight.joints.bones(real.rotmats[:1], real.betas[:1])[1][:, 0] + real.transl[:1]
    assert torch.allclose(pelvis, stood.expand_as(pelvis), atol=1e-4)


def test_a_head_learns_poses_from_simulated_maps():
    _, sight = people(16)
    rng, body = np.random.default_rng(0), train_head.SMPL()
    judged = sight.draw(rng, 64)
    torch.manual_seed(0)
    head = FeedbackHead(5, MAP, hidden=64)

    def orientation(head: FeedbackHead) -> float:
        return float(train_head.judge(head.eval(), judged, body).split('orientation ')[1])

    before = orientation(head)
    trained = train_head.train(head, iter(lambda: sight.draw(rng, 64), None), 150, 4e-3, 'test')
    assert orientation(trained) < 0.7 * before


def test_the_script_writes_a_whole_network(tmp_path, monkeypatch, repo_root, capsys):
    monkeypatch.chdir(repo_root)
    folder = tmp_path / 'few'
    for name in ('images', 'surface'):
        (folder / name).mkdir(parents=True)
    make_shard(PoseSource(poses(5)), folder, index=0, frames=5, seed=4)
    motion = Rotation.from_matrix(poses(30).reshape(-1, 3, 3)).as_rotvec().reshape(30, 72)
    np.savez(tmp_path / 'motion.npz', poses=motion, trans=np.zeros((30, 3)), mocap_framerate=30.)
    out = tmp_path / 'run/small.pth'
    monkeypatch.setattr(sys, 'argv', [
        'train_head.py', str(tmp_path / 'motion.npz'), str(folder), str(folder), '--out', str(out), '--test', str(folder),
        '--mixed', '8', '--simulated-steps', '2', '--epochs', '1'])
    train_head.main()
    said = capsys.readouterr().out
    assert 'after simulated people: mpjpe' in said and 'after people seen: mpjpe' in said
    model = Estimator(CONFIG, str(out), fuse=False).model
    trunk = Estimator(CONFIG, 'embedded:demo_cliff.pth', fuse=False).model
    assert all(torch.equal(a, b) for a, b in zip(model.backbone.parameters(), trunk.backbone.parameters(), strict=True))
    assert not torch.equal(model.head.decode.weight, trunk.head.decode.weight)
    first, second = (np.load(out.parent / f'sight/few_seed{seed}.npy') for seed in (1, 2))
    assert first.shape == second.shape and (first != second).any(), 'seen twice, augmented anew'
    again = out.with_name('again.pth')
    monkeypatch.setattr(sys, 'argv', [
        'train_head.py', str(tmp_path / 'motion.npz'), str(folder), '--out', str(again), '--test', str(folder), '--trunk',
        str(out), '--keep-head', '--simulated-steps', '0', '--epochs', '1'])
    train_head.main()
    assert 'simulated' not in capsys.readouterr().out
    on = Estimator(CONFIG, str(again), fuse=False).model.head
    assert 0 < float((on.decode.weight - model.head.decode.weight).abs().max()) < 0.1, 'a little further on'


def test_a_network_takes_only_the_parts_that_are_asked_for(tmp_path, monkeypatch, repo_root):
    monkeypatch.chdir(repo_root)
    whole = small_cliff('embedded:demo_cliff.pth')
    torch.nn.init.constant_(whole.head.decode.bias, 0.25)
    save_half(whole, tmp_path / 'whole.pth')
    kept = small_cliff(str(tmp_path / 'whole.pth'))
    new = small_cliff(str(tmp_path / 'whole.pth'), ('backbone', 'neck'))
    assert (kept.head.decode.bias == 0.25).all() and (new.head.decode.bias == 0).all()
    assert torch.equal(kept.neck.where.weight, new.neck.where.weight) and not kept.training


@pytest.mark.parametrize('content', [dict(state_dict={'backbone.conv1.weight': torch.zeros(48, 3, 7, 7)}), {}])
def test_a_checkpoint_of_another_network_is_refused(content, tmp_path, monkeypatch, repo_root):
    monkeypatch.chdir(repo_root)
    torch.save(content, tmp_path / 'other.pth')
    with pytest.raises(ValueError, match='other.pth is not of configs/cliff'):
        small_cliff(str(tmp_path / 'other.pth'), ('backbone', 'neck'))


def test_a_network_of_a_changed_config(tmp_path, monkeypatch, repo_root):
    monkeypatch.chdir(repo_root)
    options = {'model.neck.relations': 5}
    with pytest.raises(ValueError, match='(?s)is not of configs/cliff.*layers.4'):
        small_cliff('embedded:demo_cliff.pth', options=options)
    wider = small_cliff('embedded:demo_cliff.pth', ('backbone', 'head'), options)
    save_half(wider, tmp_path / 'wider.pth')
    again = small_cliff(str(tmp_path / 'wider.pth'), options=options)
    assert torch.equal(again.neck.relations.position, wider.neck.relations.position.half().float())
