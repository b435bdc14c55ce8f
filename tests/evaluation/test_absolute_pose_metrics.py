import json

import numpy as np
import pytest
import torch

from cliff_ext.evaluation.functional import (
    depth_order_accuracy,
    h36m_errors,
    root_average_precision,
    root_errors,
)
from cliff_ext.evaluation.metrics import Human36MPoseMetric, RootMetric

JOINTS = torch.randn(18, 3, generator=torch.Generator().manual_seed(0)).double()


def turn(points: torch.Tensor, degrees: float) -> torch.Tensor:
    angle = torch.deg2rad(torch.tensor(degrees, dtype=torch.float64))
    cos, sin = angle.cos(), angle.sin()
    return points @ torch.tensor([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]], dtype=torch.float64).T


def sample(joints: torch.Tensor, truth: torch.Tensor, action: str = 'Walking', **more) -> dict:
    return dict(img_path='TS1/img_000000.jpg', image_id=7, bbox=np.array([10., 20, 110, 120]), score=0.5, action=action,
                pred_instances=dict(keypoints3d=joints[None], root3d=joints[:1]),
                gt_instances=dict(keypoints3d=truth[None], root3d=truth[:1]), **more)


def run(metric, samples, **meta) -> dict[str, float]:
    metric.dataset_meta = meta
    metric.process({}, samples)
    return metric.compute_metrics(metric.results)


def test_perfect_joints_have_no_error_and_moving_a_person_changes_nothing():
    for protocol, name in ((1, 'pa_mpjpe'), (2, 'mpjpe')):
        figures = run(Human36MPoseMetric(protocol), [sample(JOINTS + 3., JOINTS)], skeleton='h36m18')
        assert figures[name] == pytest.approx(0, abs=1e-6)


def test_protocol_1_turns_a_person_and_never_scales_one():
    turned, larger = sample(turn(JOINTS, 40.), JOINTS), sample(JOINTS * 1.1, JOINTS)
    assert run(Human36MPoseMetric(1), [turned])['pa_mpjpe'] == pytest.approx(0, abs=1e-6)
    assert run(Human36MPoseMetric(2), [turned])['mpjpe'] > 100
    assert run(Human36MPoseMetric(1), [larger])['pa_mpjpe'] > 50


def test_a_known_error_is_averaged_over_17_joints_and_by_action():
    moved = JOINTS.clone()
    moved[3] += torch.tensor([0., 0.17, 0.])
    moved[17] += 5.  # the middle of the shoulders is not scored
    figures = run(Human36MPoseMetric(2), [sample(moved, JOINTS), sample(JOINTS, JOINTS, 'Eating')], protocol=2)
    assert figures['mpjpe'] == pytest.approx(5.) and figures['mpjpe/Walking'] == pytest.approx(10.)
    assert figures['mpjpe/Eating'] == 0


def test_the_poses_json(tmp_path):
    run(Human36MPoseMetric(2, out_file=str(tmp_path / 'out.json')), [sample(JOINTS, JOINTS)])
    entry, = json.loads((tmp_path / 'out.json').read_text())
    assert entry['image_id'] == 7 and entry['bbox'] == [10, 20, 100, 100]
    assert np.allclose(entry['joint_cam'], ((JOINTS - JOINTS[0]) * 1e3)[:17]) and np.shape(entry['joint_cam']) == (17, 3)
    assert np.allclose(entry['root_cam'], JOINTS[0] * 1e3)


def test_wrong_protocols_and_joint_sets_are_named():
    with pytest.raises(ValueError, match='protocols 1 and 2'):
        Human36MPoseMetric(3)
    with pytest.raises(ValueError, match='data set is of protocol 1, the metric of 2'):
        run(Human36MPoseMetric(2), [sample(JOINTS, JOINTS)], protocol=1)
    with pytest.raises(ValueError, match='muco21 has 16 of the 17 joints'):
        run(Human36MPoseMetric(2), [sample(JOINTS, JOINTS)], skeleton='muco21')
    with pytest.raises(ValueError, match='gives 17 joints, the data set 18'):
        run(Human36MPoseMetric(2), [sample(JOINTS[:17], JOINTS)])
    with pytest.raises(ValueError, match='protocols 1 and 2'):
        h36m_errors(JOINTS[None], JOINTS[None], 4, range(17))


def test_root_errors_along_the_axes(tmp_path):
    moved = JOINTS + torch.tensor([0.03, -0.04, 0.12])
    figures = run(RootMetric(out_file=str(tmp_path / 'roots.json')), [sample(moved, JOINTS), sample(JOINTS, JOINTS)])
    wanted = dict(mrpe=65, mrpe_x=15, mrpe_y=20, mrpe_z=60)
    assert {name: figures[name] for name in wanted} == pytest.approx(wanted)
    assert figures['mrpe/Walking'] == pytest.approx(65)
    entry = json.loads((tmp_path / 'roots.json').read_text())[0]
    assert entry.keys() == {'image_id', 'bbox', 'root_cam', 'score'} and np.allclose(entry['root_cam'], moved[0] * 1e3)


def test_people_without_truth_are_written_but_not_scored(tmp_path):
    unknown = torch.full_like(JOINTS, float('nan'))
    figures = run(RootMetric(out_file=str(tmp_path / 'roots.json')), [sample(JOINTS, unknown)])
    assert figures == {} and len(json.loads((tmp_path / 'roots.json').read_text())) == 1


def test_roots_of_mupots_have_an_average_precision(tmp_path):
    joints = [[0, 0, 4000.]] * 17
    images = [dict(id=0, file_name='TS1/img_000000.jpg')]
    (tmp_path / 'a.json').write_text(json.dumps(dict(images=images, annotations=[
        dict(id=0, image_id=0, is_valid=1, keypoints_cam=joints, keypoints_img=[[0, 0]] * 17)])))
    near = torch.tensor([[0., 0., 4.1]]).double()
    metric = RootMetric(mupots=str(tmp_path / 'a.json'))
    figures = run(metric, [sample(near, near)])
    assert figures['ap_root'] == 100 and figures['mrpe'] == 0


def test_average_precision_counts_each_person_once_and_the_surest_first():
    truth = [np.array([[0, 0, 4.], [1, 0, 4.]])]
    found, scores = [np.array([[0, 0, 4.1], [0, 0, 4.], [1, 0, 4.2], [1, 0, 9.]])], [np.array([0.9, 0.8, 0.7, 0.6])]
    assert root_average_precision(found, scores, truth) == pytest.approx(0.5 + 2 / 3 * 0.5)
    assert np.isnan(root_average_precision(found, scores, [np.zeros((0, 3))]))
    assert root_average_precision([np.zeros((0, 3))], [np.zeros(0)], truth) == 0


def test_depth_order():
    right, pairs = depth_order_accuracy(torch.tensor([4., 3., 6.]), torch.tensor([3., 4., 5.]))
    assert (right, pairs) == (2, 3)
    assert depth_order_accuracy(torch.tensor([4., 3., 6.]), torch.tensor([3., 3.05, 5.]), margin=0.1) == (2, 2)


def test_root_errors_are_distances():
    errors = root_errors(torch.tensor([[0., 0, 5]]), torch.tensor([[0.3, 0.4, 5]]))
    assert errors['mrpe'].item() == pytest.approx(500) and errors['mrpe_z'].item() == 0
