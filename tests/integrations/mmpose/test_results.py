"""A film's results, refined: the same shape, the same people, steadier, and nobody missing for a moment."""

import json

import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope
from mmengine.structures import BaseDataElement, InstanceData

from cliff_ext.integrations.mmpose import refine_results
from cliff_ext.tracks import TrackTransform

from .conftest import SIZE, walker

SMOOTH = [dict(type='Infill'), dict(type='Gaussian1D', sigma=2.)]


def points(results, who: int) -> np.ndarray:
    """A person's keypoints (T, 17, 2) of the frames they are in."""
    people = [one for result in results for one in result['predictions'][0] if one['track_id'] == who]
    return np.array([one['keypoints'] for one in people])


def test_no_steps_change_nothing_but_name_people(film):
    before = film(4)
    after = refine_results(before, [])
    for old, new in zip(before, after, strict=True):
        for one, other in zip(old['predictions'][0], new['predictions'][0], strict=True):
            np.testing.assert_allclose(other['keypoints'], one['keypoints'], atol=1e-4)
            assert set(other) - set(one) == {'track_id', 'filled'} and type(other['bbox']) is tuple
            np.testing.assert_allclose(other['bbox'][0], one['bbox'][0], atol=1e-4)
    assert [one['track_id'] for one in after[3]['predictions'][0]] == [0, 1]
    assert 'track_id' not in before[0]['predictions'][0][0]
    json.dumps(after)


def test_jitter_goes_and_the_truth_comes_nearer(film):
    before, after = refine_results(film(40, jitter=4.), []), refine_results(film(40, jitter=4.), SMOOTH)
    truth = np.array([walker(frame, 50.) for frame in range(40)])
    errors = [np.linalg.norm(points(results, 0) - truth, axis=-1).mean() for results in (before, after)]
    assert errors[0] > 4. and errors[1] < 0.5 * errors[0]


def test_somebody_missed_is_filled_in_where_they_must_have_been(film):
    after = refine_results(film(12, missing={(5, 0), (6, 0)}), [dict(type='Infill')])
    frame = after[5]['predictions'][0]
    assert [one['track_id'] for one in frame] == [1, 0] and [one['filled'] for one in frame] == [False, True]
    np.testing.assert_allclose(frame[1]['keypoints'], walker(5, 50.), atol=1e-3)
    assert frame[1]['keypoint_scores'][0] == pytest.approx(0.55)
    assert np.shape(frame[1]['bbox']) == (1, 4)


def test_an_empty_frame_is_filled_and_a_long_gap_is_not(film):
    missing = {(frame, 0) for frame in (3, *range(8, 25))}
    after = refine_results(film(30, starts=(50., ), missing=missing), [dict(type='Infill', max_gap=5)])
    assert [len(result['predictions'][0]) for result in after] == [1] * 8 + [0] * 17 + [1] * 5


def test_data_samples_come_back_as_data_samples(film):
    before = film(12, missing={(5, 0)}, samples=True)
    after = refine_results(before, SMOOTH)
    people = after[5]['predictions'][0].pred_instances
    assert people.track_ids.tolist() == [1, 0] and people.filled.tolist() == [False, True]
    assert set(people.keys()) == {'keypoints', 'keypoint_scores', 'bboxes', 'bbox_scores', 'keypoints_visible', 'track_ids',
                                  'filled'}
    assert people.keypoints.shape == (2, 17, 2)
    assert after[5]['predictions'][0].metainfo == before[5]['predictions'][0].metainfo
    assert len(before[5]['predictions'][0].pred_instances) == 1


def test_tensors_stay_tensors_and_identities_are_kept():
    results = []
    for frame in range(5):
        sample = BaseDataElement()
        people = torch.tensor(np.array([walker(frame, 300.), walker(frame, 50.)]), dtype=torch.float32)
        sample.pred_instances = InstanceData(keypoints=people, keypoint_scores=torch.ones(2, 17),
                                             track_ids=torch.tensor([7, 3]))
        results.append(dict(predictions=[sample]))
    people = refine_results(results, SMOOTH)[2]['predictions'][0].pred_instances
    assert isinstance(people.keypoints, torch.Tensor) and people.keypoints.dtype == torch.float32
    assert people.track_ids.tolist() == [7, 3]
    np.testing.assert_allclose(people.keypoints[1], walker(2, 50.), atol=1e-3)


def test_smpl_parameters_are_refined_beside_the_keypoints(film):
    results = film(9, starts=(50., ), samples=True)
    for frame, result in enumerate(results):
        people = result['predictions'][0].pred_instances
        people.transl = np.array([[0., 0., 3. + (frame % 2)]], np.float32)
    after = refine_results(results, [dict(type='Gaussian1D', sigma=3., fields=('transl', ))])
    depths = [result['predictions'][0].pred_instances.transl[0, 2] for result in after]
    assert np.ptp(depths) < 0.2
    np.testing.assert_array_equal(after[3]['predictions'][0].pred_instances.keypoints,
                                  np.float32(results[3]['predictions'][0].pred_instances.keypoints))


def test_joined_pieces_become_one_person(film):
    gap = {(frame, 0) for frame in range(10, 32)}
    steps = [dict(type='JoinTracks'), dict(type='Infill')]
    after = refine_results(film(45, starts=(50., ), missing=gap), steps)
    assert {one['track_id'] for result in after for one in result['predictions'][0]} == {0}
    assert all(len(result['predictions'][0]) == 1 for result in after)


def test_a_pose_that_is_not_a_number_is_replaced_by_what_is_filled_in(film):
    before = film(9, starts=(50., ))
    before[4]['predictions'][0][0]['keypoints'][3][0] = float('nan')
    untouched = refine_results(before, [])[4]['predictions'][0]
    assert len(untouched) == 1 and np.isnan(untouched[0]['keypoints'][3][0])
    mended = refine_results(before, [dict(type='Infill')])[4]['predictions'][0]
    assert len(mended) == 1 and mended[0]['filled']
    np.testing.assert_allclose(mended[0]['keypoints'], walker(4, 50.), atol=1e-3)


def lifted(frames: int, people: int, ids: bool = True) -> list[dict]:
    """Pose3DInferencer's results: z up, the lowest keypoint on the floor."""
    pose = np.random.default_rng(0).uniform(-0.5, 0.5, (17, 3))
    results = []
    for frame in range(frames):
        points = np.stack([pose + np.random.default_rng([frame, i]).normal(scale=0.02, size=(17, 3))
                           for i in range(people)])
        points[..., 2] -= points[..., 2].min(-1, keepdims=True)
        sample = BaseDataElement()
        sample.pred_instances = InstanceData(keypoints=points, keypoint_scores=np.ones((people, 17)))
        if ids:
            sample.pred_instances.track_ids = np.arange(people)
        results.append(dict(predictions=[sample]))
    return results


def test_lifted_people_are_refined_and_stay_on_the_floor():
    before = lifted(20, 2)
    steps = [dict(type='LearnedRefine', model='configs/synsp/synsp-8_mocap-3d.py', on='keypoints3d',
                  checkpoint='embedded:refine_synsp8_3d.pth')]
    after = refine_results(before, steps, 'h36m17')
    old, new = (np.array([result['predictions'][0].pred_instances.keypoints for result in results])
                for results in (before, after))
    bends = [np.linalg.norm(np.diff(points - points[..., :1, :], 2, 0), axis=-1).mean() for points in (old, new)]
    assert bends[1] < 0.5 * bends[0]
    assert np.linalg.norm(new - old, axis=-1).mean() < 0.15
    np.testing.assert_allclose(new[..., 2].min(-1), 0, atol=1e-6)


def test_lifted_people_are_in_the_cameras_frame_for_the_pipeline():
    seen = []

    class Look(TrackTransform):

        def __call__(self, track):
            seen.append(track)
            return track

    result = lifted(1, 1)[0]
    refine_results([result], [Look()], 'h36m17')
    x, y, z = result['predictions'][0].pred_instances.keypoints[0].T
    np.testing.assert_allclose(seen[0].keypoints3d[0], np.stack([-x, -z, y], 1), atol=1e-6)  # y down


def test_lifted_people_without_identities_can_be_followed_only_alone():
    alone = refine_results(lifted(3, 1, ids=False), [], 'h36m17')
    assert [result['predictions'][0].pred_instances.track_ids.tolist() for result in alone] == [[0]] * 3
    with pytest.raises(ValueError, match='neither identities nor boxes .* RefinedInferencer'):
        refine_results(lifted(3, 2, ids=False), [], 'h36m17')


def test_steps_are_found_whatever_the_default_scope(film):
    with DefaultScope.overwrite_default_scope('mmpose'):
        after = refine_results(film(5), [dict(type='Infill'), dict(type='cliff_ext.Gaussian1D')])
    assert len(after) == 5


def test_steps_may_come_from_a_config(film, tmp_path):
    config = tmp_path / 'steps.py'
    config.write_text("track_pipeline = [dict(type='Infill')]\n")
    after = refine_results(film(5, missing={(2, 0)}), config)
    assert len(after[2]['predictions'][0]) == 2


def test_a_network_for_2d_needs_the_pictures_size_and_gets_it_from_samples(film):
    steps = [dict(type='LearnedRefine', model='configs/smoothnet/smoothnet-32_mocap-3d.py', on='keypoints2d',
                  checkpoint='embedded:refine_smoothnet32_3d.pth')]
    assert len(refine_results(film(8, samples=True), steps)) == 8
    assert len(refine_results(film(8), steps, image_size=SIZE)) == 8
    with pytest.raises(ValueError, match='has no image_size'):
        refine_results(film(8), steps)


@pytest.mark.parametrize('results, message', [
    ([[]], 'frame 0: a result of mmpose.s inferencers is a dict'),
    ([dict(predictions=[[], []])], 'one prediction a frame is wanted, got 2'),
    ([dict(predictions=[[dict(bbox=[0, 0, 1, 1])]])], 'has keypoints and keypoint_scores, this has bbox'),
    ([dict(predictions=[[dict(keypoints=[[0., 0.]] * 133, keypoint_scores=[1.] * 133, bbox=[0, 0, 1, 1])]])],
     '133 keypoints'),
])
def test_what_are_no_results_is_refused(results, message):
    with pytest.raises(ValueError, match=message):
        refine_results(results, [])


def test_two_people_of_one_identity_are_refused(film):
    results = film(2)
    for result in results:
        for one in result['predictions'][0]:
            one['track_id'] = 4
    with pytest.raises(ValueError, match='frame 0 has two people of identity 4'):
        refine_results(results, [])


def test_no_results_give_none():
    assert refine_results([], SMOOTH) == []
