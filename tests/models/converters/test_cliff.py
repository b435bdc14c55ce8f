import pytest
import torch

from cliff_ext.models import KeyMismatchError, convert_cliff_state_dict

OURS = {'backbone.conv1.weight': torch.zeros(2, 2), 'head.fc1.bias': torch.zeros(3), 'head.init_cam': torch.zeros(1, 3)}
OFFICIAL = {'module.encoder.conv1.weight': torch.ones(2, 2), 'module.fc1.bias': torch.ones(3),
            'module.init_cam': torch.ones(1, 3)}


def test_official_names_find_their_places():
    state = convert_cliff_state_dict(OFFICIAL, OURS)
    assert state.keys() == OURS.keys() and all((v == 1).all() for v in state.values())
    plain = {k.removeprefix('module.'): v for k, v in OFFICIAL.items()}
    assert convert_cliff_state_dict(plain, OURS).keys() == OURS.keys()


def test_every_misfit_is_listed():
    state = OFFICIAL | {'module.extra.weight': torch.zeros(1), 'module.fc1.bias': torch.zeros(4)}
    del state['module.init_cam']
    with pytest.raises(KeyMismatchError) as error:
        convert_cliff_state_dict(state, OURS)
    for part in ('extra.weight', 'head.init_cam', 'head.fc1.bias (4,) instead of (3,)'):
        assert part in str(error.value)
