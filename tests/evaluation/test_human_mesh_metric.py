import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from cliff_ext.body_models import OPEN_BODY, SMPL
from cliff_ext.evaluation.metrics import HumanMeshMetric
from cliff_ext.geometry import rotvec_to_rotmat

ALL = ('mpjpe', 'pa_mpjpe', 'pve', 'pa_pve', 'mpjae', 'pa_mpjae', 'orientation')
EMDB = dict(mpjpe=110.901157, pa_mpjpe=57.362916, pve=129.186092, pa_pve=66.748764, mpjae=18.31127, pa_mpjae=14.954814,
            jitter=648.018182)
TO_MPI3DHP17 = (10, 8, 14, 15, 16, 11, 12, 13, 1, 2, 3, 4, 5, 6, 0, 7, 9)
"""Where MPI-INF-3DHP's joints stand among H36M's."""


def person(seed: int = 0) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    rotations = rotvec_to_rotmat(torch.randn(1, 24, 3, generator=generator) * 0.3)
    return dict(global_orient=rotations[:, 0], body_pose=rotations[:, 1:], betas=torch.randn(1, 10, generator=generator))


def sample(truth: dict, found: dict | None = None, known: float = 1., **meta) -> dict:
    one = torch.tensor([known])
    return dict(gt_instances=dict(truth, has_smpl=one, has_betas=torch.ones(1)), pred_instances=found or truth, **meta)


def turned(params: dict, degrees: float) -> dict:
    turn = rotvec_to_rotmat(torch.tensor([0., math.radians(degrees), 0.]))
    return params | dict(global_orient=turn @ params['global_orient'])


def run(samples: list[dict], **options) -> dict[str, float]:
    metric = HumanMeshMetric(**options)
    for start in range(0, len(samples), 3):  # in batches
        metric.process({}, samples[start:start + 3])
    return metric.evaluate(len(samples))


def h36m_joints(params: dict) -> torch.Tensor:
    """(17, 3) in the order of ``h36m17``."""
    body = SMPL()
    joints = body.h36m_joints(body(**params).vertices)[0]
    return joints[[0, 4, 5, 6, 1, 2, 3, *range(7, 17)]]


@pytest.mark.parametrize('joints', ['lsp14', 'h36m17', 'smpl24'])
def test_the_truth_has_no_error(joints):
    figures = run([sample(person(seed)) for seed in range(4)], measures=ALL, joints=joints)
    assert tuple(figures) == ALL and all(value < 0.05 for value in figures.values())


def test_a_turned_body_is_wrong_by_its_angle_and_right_after_alignment():
    truth = person()
    figures = run([sample(truth, turned(truth, 30))], measures=ALL)
    assert (figures['orientation'], figures['mpjae']) == pytest.approx((30, 30), abs=0.01)
    assert figures['mpjpe'] > 50 and figures['pve'] > 50
    assert max(figures['pa_mpjpe'], figures['pa_pve'], figures['pa_mpjae']) < 0.05


def test_one_joint_off_by_a_known_length_in_the_data_sets_own_joints():
    truth = person()
    points = h36m_joints(truth)
    points[16, 0] += 0.2  # the right wrist
    given = torch.cat([points + 3, torch.ones(17, 1)], 1)[None]
    options = dict(measures=('mpjpe', 'pck', 'auc'), truth='keypoints3d_eval', root=('pelvis', ))
    for joints, count in (('lsp14', 14), ('h36m17', 17)):
        one = sample(truth, eval_skeleton='h36m17')
        one['gt_instances']['keypoints3d_eval'] = given
        figures = run([one], joints=joints, **options)
        assert figures['mpjpe'] == pytest.approx(200 / count, rel=1e-3)
        assert figures['pck'] == pytest.approx(100 * (count - 1) / count)
        assert figures['auc'] == pytest.approx(100 * 30 / 31 * (count - 1) / count, rel=1e-3)  # 0 mm is never reached
    one = sample(truth, eval_skeleton='mpi3dhp17')
    one['gt_instances']['keypoints3d_eval'] = given[:, TO_MPI3DHP17]
    assert run([one], joints='h36m17', **options)['mpjpe'] == pytest.approx(200 / 17, rel=1e-3)


def test_people_without_truth_count_nowhere():
    truth = person()
    wrong = sample(truth, turned(truth, 90), known=0.)
    assert run([sample(truth), wrong], measures=ALL)['mpjpe'] < 0.01
    with pytest.raises(ValueError, match='none of 1 people has a truth'):
        run([wrong], measures=ALL)
    partly = sample(truth, eval_skeleton='h36m17')
    partly['gt_instances']['keypoints3d_eval'] = torch.cat([h36m_joints(truth), torch.ones(17, 1)], 1)[None]
    partly['gt_instances']['keypoints3d_eval'][0, 3, 3] = 0
    with pytest.raises(ValueError, match='keypoints3d_eval'):
        run([partly], truth='keypoints3d_eval', measures=('mpjpe', ))
    figures = run([partly], truth='keypoints3d_eval', measures=('mpjpe', 'pve', 'pa_mpjpe'))
    assert tuple(figures) == ('pve', )  # its body is known


def test_vertices_follow_the_joints_alignment_where_that_is_the_protocol():
    truth, found = person(), person(1)
    own = run([sample(truth, found)], measures=('pa_pve', ))['pa_pve']
    joints = run([sample(truth, found)], measures=('pa_pve', ), pa_of='joints')['pa_pve']
    assert own < joints < 1.5 * own  # the vertices' own alignment is the best there is


def test_the_truth_wears_the_body_of_its_gender(tmp_path):
    with np.load(OPEN_BODY, allow_pickle=False) as data:
        arrays = dict(data)
    for gender, size in (('NEUTRAL', 1), ('MALE', 1.1), ('FEMALE', 0.9)):
        np.savez(tmp_path / f'SMPL_{gender}.npz', **{**arrays, 'v_template': arrays['v_template'] * size})
    truth = person() | dict(betas=torch.zeros(1, 10))
    samples = [sample(truth, gender=gender) for gender in ('female', 'neutral', 'male')]
    body = dict(type='SMPLBody', model_path=str(tmp_path))
    options = dict(measures=('pve', 'pa_pve'), body_model=body, groups=('gender', ))
    assert run(samples, **options)['pve'] < 0.01
    figures = run(samples, gendered=True, outfile_prefix=str(tmp_path / 'report'), **options)
    assert figures['pve'] > 10
    by_gender = json.loads((tmp_path / 'report.json').read_text())['gender']
    assert by_gender['neutral']['pve'] < 0.01 and by_gender['male']['pve'] > 20 and by_gender['female']['pve'] > 20


def walk(frames: list[int], name: str, wobble: float = 0.) -> list[dict]:
    """The arm turns evenly; at odd frames the estimate's turns further."""
    samples = []
    for frame in frames:
        true, found = person(), person()
        for params, extra in ((true, 0.), (found, wobble * (frame % 2))):
            params['body_pose'] = params['body_pose'].clone()
            params['body_pose'][0, 16] = rotvec_to_rotmat(torch.tensor([0., 0.01 * frame + extra, 0.]))
        samples.append(sample(true, found, sequence=name, frame_id=frame, action='wave' if name == 'a' else 'rest'))
    return samples


def test_smoothness_is_measured_within_runs_of_neighbouring_frames():
    options = dict(measures=('accel', 'jitter'))
    smooth, shaky = walk(list(range(8)), 'a'), walk(list(range(8)), 'b', 0.1)
    calm = run(smooth, **options)
    assert calm['accel'] < 1e-3 and calm['jitter'] < 1
    rough = run(shaky, **options)
    assert rough['accel'] > 1 and rough['jitter'] > 10
    both = run([*shaky[::-1], *smooth], **options)  # in any order
    assert both['accel'] == pytest.approx(rough['accel'] / 2, rel=1e-3)
    assert both['jitter'] == pytest.approx((rough['jitter'] + calm['jitter']) / 2, rel=1e-3)
    assert run(shaky, measures=('jitter', ), fps=60)['jitter'] == pytest.approx(8 * rough['jitter'], rel=1e-3)
    gap = run([*smooth[:4], *walk([20, 21, 22, 23], 'a')], **options)  # two runs: the jump between them is none
    assert gap['accel'] < 1e-3 and gap['jitter'] < 1
    with pytest.raises(ValueError, match='two people in frame 2'):
        run([*smooth, smooth[2]], **options)
    with pytest.raises(ValueError, match='somebody lacks them'):
        run([sample(person(), sample_id='somebody')], **options)


def test_tables_by_sequence_and_action_are_written(tmp_path):
    people = walk([0, 1, 2, 3], 'a') + walk([0, 1, 2, 3], 'b', 0.2)
    figures = run(people, measures=('mpjpe', 'accel'), outfile_prefix=str(tmp_path / 'deep' / 'report'))
    report = json.loads((tmp_path / 'deep' / 'report.json').read_text())
    assert report['all'] == figures and report['people'] == 8
    assert report['sequence']['b'] == report['action']['rest'] and report['sequence']['a']['mpjpe'] < 1e-3
    lines = (tmp_path / 'deep' / 'report.txt').read_text().splitlines()
    assert lines[0].split() == ['sequence', 'mpjpe', 'accel'] and lines[4].split()[0] == 'all'
    assert float(lines[4].split()[2]) == pytest.approx(figures['mpjpe'], abs=0.006)
    assert sorted(path.name for path in (tmp_path / 'deep').iterdir()) == ['report.json', 'report.txt']


@pytest.mark.parametrize('options, message', [
    (dict(measures=('mpjpe', 'mpje')), 'got mpje'), (dict(joints='coco17'), 'got coco17'),
    (dict(truth='guess'), 'got guess'), (dict(root=('hip', )), "no joint 'hip'"), (dict(pa_of='hair'), 'got hair'),
    (dict(truth='keypoints3d_eval', joints='smpl24'), "got 'smpl24'")])
def test_wrong_names_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        HumanMeshMetric(**options)


def test_joints_of_an_unknown_skeleton_are_refused():
    one = sample(person(), sample_id='a.jpg/0', eval_skeleton='coco17')
    with pytest.raises(ValueError, match="a.jpg/0 has joints to evaluate in the skeleton 'coco17'"):
        run([one], truth='keypoints3d_eval')


def test_figures_are_those_of_emdbs_own_evaluation():
    """Recorded from eth-ait/emdb's evaluation_metrics.py on these bodies."""
    generator = torch.Generator().manual_seed(1)
    start, drift = (torch.randn(1, 24, 3, generator=generator) * 0.3 for _ in range(2))
    smooth = start + torch.linspace(0, 1, 12)[:, None, None] * drift
    betas = torch.randn(12, 10, generator=generator) * 0.5
    samples = []
    for i, noise in enumerate(torch.randn(12, 24, 3, generator=generator) * 0.1):
        people = []
        for rotvec, shape in ((smooth[i], betas[i]), (smooth[i] + noise, betas[i] + 0.3)):
            rotations = rotvec_to_rotmat(rotvec)
            people.append(dict(global_orient=rotations[:1], body_pose=rotations[None, 1:], betas=shape[None]))
        samples.append(sample(*people, sequence='walk', frame_id=i))
    figures = run(samples, measures=tuple(EMDB), joints='smpl24', pa_of='joints')
    assert figures == pytest.approx(EMDB, rel=1e-4)


def _rank(rank: int, folder: str) -> None:
    torch.distributed.init_process_group('gloo', init_method=f'file://{folder}/meeting', rank=rank, world_size=2)
    metric = HumanMeshMetric(measures=('mpjpe', 'accel'))
    people = walk([0, 1, 2, 3], 'a') + walk([0, 1, 2], 'b', 0.2)
    metric.process({}, (people + people[:1])[rank::2])  # the sampler fills up with the first
    figures = metric.evaluate(len(people))
    if rank == 0:
        (Path(folder) / 'figures.json').write_text(json.dumps(figures))


def test_results_are_gathered_from_all_processes(tmp_path):
    torch.multiprocessing.spawn(_rank, (str(tmp_path), ), 2)
    people = walk([0, 1, 2, 3], 'a') + walk([0, 1, 2], 'b', 0.2)
    assert json.loads((tmp_path / 'figures.json').read_text()) == pytest.approx(run(people, measures=('mpjpe', 'accel')))
