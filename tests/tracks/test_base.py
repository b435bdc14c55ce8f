import pytest

from cliff_ext.registry import TRACK_TRANSFORMS
from cliff_ext.tracks import Infill, TrackPipeline


def test_steps_run_in_order_from_config(moving):
    pipeline = TrackPipeline([dict(type='Infill', max_gap=5), dict(type='Gaussian1D', sigma=1.), dict(type='RobustBetas')])
    tracks = pipeline([moving([0, 1, 4, 5]), moving(range(3), 1)])
    assert [len(t) for t in tracks] == [6, 3] and len(pipeline) == 3
    assert pipeline([]) == [] and pipeline.to('cpu') is pipeline


def test_no_steps_change_nothing(moving):
    track = moving()
    assert TrackPipeline()([track])[0] is track


def test_a_step_that_is_no_transform_is_refused():
    TRACK_TRANSFORMS.register_module(name='NotATransform', module=dict, force=True)
    with pytest.raises(TypeError, match='must be a TrackTransform, got dict'):
        TrackPipeline([Infill(), dict(type='NotATransform')])
    TRACK_TRANSFORMS.module_dict.pop('NotATransform')
