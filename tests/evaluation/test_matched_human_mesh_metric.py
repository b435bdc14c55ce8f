import numpy as np
import pytest
import torch

from cliff_ext.evaluation.metrics import MatchedHumanMeshMetric
from cliff_ext.geometry import rotmat_to_rotvec, rotvec_to_rotmat
from cliff_ext.io import HumanData, save_human_data

SIZE, FOCAL = (1280, 720), 1400.


def person(seed: int, x: float) -> dict[str, torch.Tensor]:
    """Somebody upright, x metres to the right, 6 m away."""
    rotations = rotvec_to_rotmat(torch.randn(1, 24, 3, generator=torch.Generator().manual_seed(seed)) * 0.2)
    rotations[:, 0] = torch.diag(torch.tensor([1., -1., -1.])) @ rotations[:, 0]
    return dict(global_orient=rotations[:, 0], body_pose=rotations[:, 1:], betas=torch.zeros(1, 10),
                transl=torch.tensor([[x, 0., 6.]]))


def sample(image: str, number: int, found: dict, truth: dict | None = None) -> dict:
    known = torch.tensor([float(truth is not None)])
    return dict(pred_instances=found, gt_instances=dict(truth or found, has_smpl=known, has_betas=known, has_transl=known),
                sample_id=f'{image}#{number}', focal_length=FOCAL, image_size=SIZE)


def run(samples: list[dict], **options) -> dict[str, float]:
    metric = MatchedHumanMeshMetric(**options)
    for start in range(0, len(samples), 2):  # in batches
        metric.process({}, samples[start:start + 2])
    return metric.evaluate(len(samples))


@pytest.fixture(scope='module')
def crowd():
    """Three people in one picture, and one in another; found in another order, one of them moved by 2 m, one twice."""
    true = [person(0, -1.), person(1, 0.), person(2, 1.)]
    lost = person(2, 1.) | dict(transl=torch.tensor([[1., 2., 6.]]))
    return [sample('a.jpg', 0, true[1], true[0]), sample('a.jpg', 1, true[0], true[1]), sample('a.jpg', 2, lost, true[2]),
            sample('a.jpg', 3, true[0]), sample('b.jpg', 0, person(4, 0.), person(4, 0.))]


def test_people_are_matched_by_image_whatever_their_order(crowd):
    figures = run(crowd)
    assert figures['mpjpe'] < 1e-3 and figures['pve'] < 1e-3
    assert figures['precision'] == 3 / 5 and figures['recall'] == 3 / 4 and figures['f1'] == pytest.approx(2 / 3)


def test_errors_are_divided_by_f1(crowd):
    turn = rotvec_to_rotmat(torch.tensor([0., 0.3, 0.]))
    for one in crowd:
        one['pred_instances'] = one['pred_instances'] | dict(global_orient=one['pred_instances']['global_orient'] @ turn)
    figures = run(crowd, measures=('mpjpe', 'pve', 'orientation'))
    assert figures['orientation'] == pytest.approx(np.rad2deg(0.3), rel=1e-3) and figures['mpjpe'] > 20
    assert figures['nmje'] == pytest.approx(1.5 * figures['mpjpe'])
    assert figures['nmve'] == pytest.approx(1.5 * figures['pve'])


def test_true_people_of_a_file_can_be_missed(tmp_path):
    true = [person(0, -1.), person(1, 0.), person(3, 0.)]
    columns = {name: torch.cat([one[name] for one in true]) for name in true[0]}
    for name in ('global_orient', 'body_pose'):
        columns[name] = rotmat_to_rotvec(columns[name])
    save_human_data(tmp_path / 'truth.npz', HumanData(
        ['a.jpg', 'a.jpg', 'c.jpg'], np.tile([0, 0, 9, 9], (3, 1)), image_size=np.tile(SIZE, (3, 1)),
        focal_length=np.full(3, FOCAL), **{name: value.numpy() for name, value in columns.items()}))
    figures = run([sample('a.jpg', 0, true[1]), sample('b.jpg', 0, true[0])], truth_file=tmp_path / 'truth.npz')
    assert figures['precision'] == 1 / 2 and figures['recall'] == 1 / 3 and figures['mpjpe'] < 0.01
    nobody = run([sample('b.jpg', 0, true[0])], truth_file=tmp_path / 'truth.npz')
    assert nobody == dict(precision=0, recall=0, f1=0)
    save_human_data(tmp_path / 'boxes.npz', HumanData(['a.jpg'], [[0, 0, 9, 9]]))
    with pytest.raises(ValueError, match='boxes.npz: no people with known SMPL parameters'):
        MatchedHumanMeshMetric(tmp_path / 'boxes.npz')


def test_tracks_and_missing_truth_are_refused(crowd):
    with pytest.raises(ValueError, match='knows no accel and jitter'):
        MatchedHumanMeshMetric(measures=('mpjpe', 'accel'))
    with pytest.raises(ValueError, match='none of 1 people has a truth'):
        run(crowd[3:4])
