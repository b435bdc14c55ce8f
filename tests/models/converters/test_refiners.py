import numpy as np
import pytest
import torch

from cliff_ext.evaluation.parity import Fixture
from cliff_ext.models import KeyMismatchError, SmoothNet, SynSP, convert_official
from cliff_ext.models.converters import dead_entries
from cliff_ext.models.refiners.attention import sinusoid_positions


@pytest.fixture(scope='module')
def official(repo_root):
    """Entries of an official SynSP."""
    fixture = Fixture(repo_root / 'tests' / 'data' / 'parity', 'synsp_3d')
    table = sinusoid_positions(100, 128)[None].numpy()
    state = fixture.state_dict(dict.fromkeys(fixture.info['kept_buffers'], table))
    assert dead_entries(4) == set(fixture.info['unused_parameters'])
    return {key: torch.from_numpy(value) for key, value in state.items()}


@pytest.fixture(scope='module')
def synsp():
    return SynSP(8, 51)


def test_official_synsp_loads_and_its_dead_entries_are_known(official, synsp):
    state = convert_official(dict(state_dict=official, epoch=3), synsp)
    synsp.load_state_dict(state, strict=True)
    assert torch.equal(state['bias_decoder.layers.2.attention.key.weight'],
                       official['decoder.layer_stack.2.enc_attn.w_ks.weight'])
    wrapped = {f'module.{key}': value for key, value in official.items()}
    assert convert_official(wrapped, synsp).keys() == state.keys()


@pytest.mark.parametrize(('missing', 'message'), [
    ('proj_i_2.1.bias', 'without using them:\n  proj_i_2.1.bias'),
    ('decoder.layer_stack.3.slf_attn.w_qs.weight', 'decoder.layer_stack.3.slf_attn.w_qs.weight'),
    ('decoder_2.layer_stack.0.pos_ffn.w_1.bias',
     '1 in the model but not in the checkpoint:\n  refine_decoder.layers.0.up.bias'),
])
def test_missing_entries_are_listed(official, synsp, missing, message):
    state = {key: value for key, value in official.items() if key != missing}
    with pytest.raises(KeyMismatchError, match=message.replace('.', r'\.')):
        convert_official(state, synsp)


@pytest.mark.parametrize('key', ['surprise.weight', 'proj_o_p.2.weight', 'encoder_local.layer_stack.0.gate.weight'])
def test_unknown_entries_are_listed(official, synsp, key):
    with pytest.raises(KeyMismatchError, match='1 in the checkpoint without a place'):
        convert_official(official | {key: torch.zeros(1)}, synsp)


def test_other_position_codes_are_refused(official, synsp):
    with pytest.raises(KeyMismatchError, match='position codes'):
        convert_official(official | {'encoder_local.position_enc.pos_table': torch.zeros(1, 100, 128)}, synsp)


@pytest.mark.parametrize(('sizes', 'prefix'), [({}, ''), (dict(res_hidden_size=512, num_blocks=5), 'module.'),
                                              (dict(res_hidden_size=128, num_blocks=5), 'smoothnet.')])
def test_smoothnets_of_all_three_houses_load(sizes, prefix):
    model = SmoothNet(16, **sizes)
    theirs = {prefix + key.replace('encoder.', 'encoder.0.').replace('blocks.', 'res_blocks.').replace('.down.', '.linear1.')
              .replace('.up.', '.linear2.'): torch.randn_like(value) for key, value in model.state_dict().items()}
    state = convert_official(dict(state_dict=theirs), model)
    model.load_state_dict(state, strict=True)
    np.testing.assert_array_equal(state['blocks.0.up.bias'], theirs[f'{prefix}res_blocks.0.linear2.bias'])
    with pytest.raises(KeyMismatchError, match='instead of'):
        convert_official(theirs, SmoothNet(32, **sizes))


def test_other_models_have_no_official_checkpoint():
    with pytest.raises(TypeError, match='known for Linear; they are for CLIFF, PoseNet, RootNet, SmoothNet, SynSP'):
        convert_official({}, torch.nn.Linear(1, 1))
