"""Our SmoothNet, SynSP and window average on the recorded numbers of the references."""

from __future__ import annotations

import re

import torch
from torch import Tensor

from cliff_ext.models import (
    MotionLoss,
    RefinerOutput,
    average_windows,
    convert_smoothnet_state_dict,
    convert_synsp_state_dict,
)
from cliff_ext.models.refiners.attention import sinusoid_positions
from cliff_ext.registry import MODELS

from .fixture import Check, Fixture

QUIRK = 'wrong in the reference with fewer windows than frames in one'
BRANCHES = dict(out_p='position', out_a='acceleration', out='refined')
FACTORS = (0., 1., 0.5)
"""Acceleration terms of the reference's loss, by the place in the tuple that it is given."""


def run_smoothnet(fixture: Fixture) -> list[Check]:
    """Official names in, refined windows and losses out."""
    constructor = fixture.info['constructor']
    sizes = {key: constructor[key] for key in ('window_size', 'hidden_size', 'res_hidden_size', 'num_blocks')}
    model = MODELS.build(dict(type='SmoothNet', **sizes)).eval()
    official = {key: torch.from_numpy(value) for key, value in fixture.state_dict().items()}
    model.load_state_dict(convert_smoothnet_state_dict(official, model.state_dict()), strict=True)
    inputs, target = (torch.from_numpy(fixture.input(name)).transpose(1, 2) for name in ('x', 'gt'))
    with torch.no_grad():
        refined = model(inputs).refined
    checks = [Check.compare(fixture.name, 'y', refined.transpose(1, 2), fixture.arrays['out_y'], *fixture.tolerance('y'))]
    for name in sorted(key for key in fixture.arrays if key.startswith('out_loss_accel')):
        terms = MotionLoss(acceleration_weight=float(name.removeprefix('out_loss_accel')))(refined, target)
        total = terms['position'] + terms['acceleration']
        checks.append(Check.compare(fixture.name, name[4:], total, fixture.arrays[name], *fixture.tolerance('loss')))
    return checks


def run_synsp(fixture: Fixture) -> list[Check]:
    """Official names in, the three outputs, from windows and from a sequence of them, and the reference's loss."""
    constructor, (*_, window, channels) = fixture.info['constructor'], fixture.info['inputs']['x']['shape']
    model = MODELS.build(dict(
        type='SynSP', window_size=window, in_channels=channels, embed_dims=constructor['d_model'],
        num_layers=constructor['n_layers'], num_heads=constructor['n_head'], head_dims=constructor['d_k'])).eval()
    table = sinusoid_positions(constructor['n_position'], constructor['d_model'])[None].numpy()
    entries = fixture.state_dict(dict.fromkeys(fixture.info['kept_buffers'], table))
    official = {key: torch.from_numpy(value) for key, value in entries.items()}
    model.load_state_dict(convert_synsp_state_dict(official, model.state_dict()), strict=True)
    windows = torch.from_numpy(fixture.input('x'))
    with torch.no_grad():
        output = model(windows)
        in_sequence = model.stretch_refiner()(windows.movedim(0, -3).flatten(-3, -2), window)
    tolerance = fixture.tolerance('out/out_p/out_a')
    checks = [Check.compare(fixture.name, name + way, getattr(made, branch), fixture.arrays[f'out_{name}'], *tolerance)
              for way, made in (('', output), (' in a sequence', in_sequence)) for name, branch in BRANCHES.items()]
    target = torch.from_numpy(fixture.input('gt'))
    for name in sorted(key for key in fixture.arrays if key.startswith('out_loss')):
        ours = _reference_loss(fixture, output, target, float(name.partition('waccel')[2]))
        checks.append(Check.compare(fixture.name, name[4:], ours, fixture.arrays[name], *fixture.tolerance('loss')))
    return checks


def _reference_loss(fixture: Fixture, output: RefinerOutput, target: Tensor, weight: float) -> Tensor:
    """Total and the first two terms, from our outputs in the reference's order.

    With several views the reference bends along the views instead of the time (a mistake that ours does not make); giving
    views and time in each other's place makes the same number.
    """
    terms = []
    for name, factor in zip(fixture.info['return_order'], FACTORS, strict=True):
        pair = (getattr(output, BRANCHES[name]), target)
        if target.ndim == 4:
            pair = tuple(poses.transpose(1, 2) for poses in pair)
        terms.append(sum(MotionLoss(acceleration_weight=weight * factor)(*pair).values()))
    return torch.stack([sum(terms), terms[0], terms[1]])


def run_slide_window(fixture: Fixture) -> list[Check]:
    """Averages at steps 1 and 4, with few windows, and with windows of one frame."""
    checks = []
    for name, wanted in fixture.arrays.items():
        if 'quirk' in name:
            checks.append(Check.skipped(fixture.name, name[4:], QUIRK))
            continue
        windows = torch.from_numpy(fixture.input(_recorded_input(name)))
        starts = torch.arange(len(windows)) * int(re.search(r'step(\d+)', name)[1] if 'step' in name else 1)
        ours = average_windows(windows, starts, len(wanted))
        checks.append(Check.compare(fixture.name, name[4:], ours, wanted, *fixture.tolerance('all')))
    return checks


def _recorded_input(output: str) -> str:
    if 'few' in output:
        return 'few'
    return 'w1' if 'window1' in output else f'w{output.rpartition("_")[2]}'
