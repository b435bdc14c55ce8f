"""Official SynSP names to ours, and the entries that its network carries but never uses."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from cliff_ext.models.refiners.attention import sinusoid_positions

from .entries import KeyMismatchError, check_entries, unwrapped

PARTS = {
    'proj_i_a.': 'embed.', 'proj_o_p.': 'position_head.', 'proj_o_a.': 'acceleration_head.', 'proj_o_2.': 'refine_head.',
    'encoder_local.': 'local_encoder.', 'encoder_global.': 'global_encoder.', 'decoder_2.': 'refine_decoder.',
    'decoder.': 'bias_decoder.'
}
LAYER = {
    '.pos_ffn.layer_norm.': '.feedforward_norm.', '.pos_ffn.w_1.': '.up.', '.pos_ffn.w_2.': '.down.', '.w_qs.': '.query.',
    '.w_ks.': '.key.', '.w_vs.': '.value.', '.fc.': '.out.'
}
PROJECTION = {'0': 'first', '1': 'second'}
TABLES = ('pos_table', 'pos_table2')


def convert_synsp_state_dict(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Renames an official SynSP state dict [InvertedForest/SynSP] to :class:`SynSP`'s entries.

    The entries that the official network never uses (:func:`is_dead`) have to be there and are left out. Its tables of
    position codes have to hold what ours computes.

    Args:
        state: Entries of the official network, with or without ``module.``.
        wanted: Our model's ``state_dict()``.

    Returns:
        Entries that load strictly.

    Raises:
        KeyMismatchError: An entry that has no place, an entry of ours that is not filled, one of another shape, missing
            dead entries, or other position codes.
    """
    entries = unwrapped(state)
    renamed = {_rename(key): value for key, value in entries.items() if not is_dead(key) and not _is_table(key)}
    check_entries(renamed, wanted)
    layers = len({key.split('.')[2] for key in wanted if key.startswith('bias_decoder.layers.')})
    absent = sorted(dead_entries(layers) - entries.keys())
    if absent:
        raise KeyMismatchError('not a checkpoint of the official SynSP: it lacks entries which that network holds without '
                               'using them:\n  ' + '\n  '.join(absent))
    _check_tables({key: value for key, value in entries.items() if _is_table(key)})
    return renamed


def dead_entries(num_layers: int) -> set[str]:
    """Names of the parameters that the official network of so many layers holds without using: 66 with 4 layers."""
    projections = {f'{name}.{i}.{kind}' for name in ('proj_i_p', 'proj_i_2') for i in (0, 1) for kind in ('weight', 'bias')}
    stacks = ('encoder_local', 'encoder_global', 'decoder', 'decoder_2')
    norms = {f'{stack}.layer_norm.{kind}' for stack in stacks for kind in ('weight', 'bias')}
    embeddings = {f'{stack}.position_embeddings.weight' for stack in stacks[:2]}
    parts = ('w_qs.weight', 'w_ks.weight', 'w_vs.weight', 'fc.weight', 'layer_norm.weight', 'layer_norm.bias')
    attentions = {f'{stack}.layer_stack.{layer}.slf_attn.{part}'
                  for stack in stacks[2:] for layer in range(num_layers) for part in parts}
    return projections | norms | embeddings | attentions


def is_dead(key: str) -> bool:
    """Whether the official network holds this parameter without using it."""
    stack, _, rest = key.partition('.')
    if stack in ('decoder', 'decoder_2') and '.slf_attn.' in key:
        return True
    return stack in ('proj_i_p', 'proj_i_2') or rest.startswith(('layer_norm.', 'position_embeddings.'))


def _is_table(key: str) -> bool:
    return key.rpartition('.')[2] in TABLES


def _check_tables(tables: Mapping[str, Tensor]) -> None:
    """Position codes (1, positions, D) have to be the sinusoids that ours are."""
    for key, table in tables.items():
        ours = sinusoid_positions(*table.shape[1:])
        if not torch.allclose(table[0].float(), ours, atol=1e-4):
            raise KeyMismatchError(f'{key} holds other position codes than sinusoids; this is not the official SynSP')


def _rename(key: str) -> str:
    stack, _, rest = key.partition('.')
    part = PARTS.get(f'{stack}.')
    if part is None:
        return key
    if stack.startswith('proj_'):
        index, _, kind = rest.partition('.')
        return f'{part}{PROJECTION.get(index, index)}.{kind}'
    rest = '.' + rest.replace('layer_stack.', 'layers.')
    for theirs, ours in LAYER.items():
        rest = rest.replace(theirs, ours)
    for attention in ('.slf_attn.', '.enc_attn.'):
        rest = rest.replace(attention + 'layer_norm.', '.attention_norm.').replace(attention, '.attention.')
    return part + rest[1:]
