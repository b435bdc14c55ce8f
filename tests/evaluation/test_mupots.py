import json

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given
from scipy.io import loadmat, savemat

from cliff_ext.evaluation.functional import mupots
from cliff_ext.evaluation.metrics import MuPoTSMetric
from cliff_ext.io import load_mupots
from cliff_ext.structures import get_skeleton

NAMES = get_skeleton('mpi3dhp17').joint_names
FOCAL, CENTER = 1000., np.array([1024., 1024.])


def person(seed: int, place) -> np.ndarray:
    """A body (17, 3) in mm at a place."""
    body = np.random.default_rng(seed).normal(0, 250, (17, 3))
    return body - body[14] + np.asarray(place, np.float64)


def pixels(joints: np.ndarray) -> np.ndarray:
    return joints[..., :2] / joints[..., 2:] * FOCAL + CENTER


SCENE = {('TS1', 0): [person(0, (0, 0, 4000)), person(1, (1500, 0, 5000))], ('TS1', 1): [person(2, (0, 0, 4000))],
         ('TS2', 0): [person(3, (-500, 0, 3500))]}


@pytest.fixture
def json_file(tmp_path):
    """The scene in 3DMPPE's format, with one image without valid people."""
    images, annotations = [], []
    for (sequence, frame), people in {**SCENE, ('TS2', 1): []}.items():
        images.append(dict(id=len(images), file_name=f'{sequence}/img_{frame:06d}.jpg', width=2048, height=2048,
                           intrinsic=[FOCAL, FOCAL, *CENTER]))
        annotations += [dict(id=len(annotations) + i, image_id=images[-1]['id'], is_valid=1, bbox=[0, 0, 9, 9],
                             keypoints_cam=joints.tolist(), keypoints_img=pixels(joints).tolist())
                        for i, joints in enumerate(people)]
    annotations.append(dict(id=99, image_id=3, is_valid=0, bbox=[0, 0, 9, 9], keypoints_cam=[], keypoints_img=[]))
    path = tmp_path / 'MuPoTS-3D.json'
    path.write_text(json.dumps(dict(images=images, annotations=annotations)))
    return path


@pytest.fixture
def mat_folder(tmp_path):
    """The same as the data set publishes it: cells of structs; the body's left side is occluded."""
    for sequence in ('TS1', 'TS2'):
        frames = [people for (name, _), people in SCENE.items() if name == sequence]
        cells, hidden = (np.empty((len(frames), 2), object) for _ in range(2))
        for row, people in enumerate(frames):
            for k in range(2):
                joints = people[k] if k < len(people) else np.zeros((17, 3)) + [0, 0, 1]
                cells[row, k] = dict(annot2=pixels(joints).T, annot3=joints.T * 0.9, univ_annot3=joints.T,
                                     isValidFrame=int(k < len(people)))
                hidden[row, k] = np.array([[name.startswith('left') for name in NAMES]], float)
        (tmp_path / sequence).mkdir()
        savemat(tmp_path / sequence / 'annot.mat', dict(annotations=cells))
        savemat(tmp_path / sequence / 'occlusion.mat', dict(occlusion_labels=hidden))
    return tmp_path


def evaluate(annotations, people, **options) -> dict[str, float]:
    """Figures of predictions, {(sequence, frame): [(17, 3) mm]}."""
    metric = MuPoTSMetric(str(annotations), **options)
    metric.dataset_meta = dict(skeleton='mpi3dhp17')
    metric.process({}, [dict(img_path=f'x/{sequence}/img_{frame:06d}.jpg', pred_instances=dict(
        keypoints2d=torch.tensor(pixels(joints))[None], keypoints3d=torch.tensor(joints)[None] / 1e3))
        for (sequence, frame), here in people.items() for joints in here])
    return metric.compute_metrics(metric.results)


def test_perfect_predictions_are_right_everywhere(json_file):
    figures = evaluate(json_file, SCENE)
    for kind in ('rel', 'abs'):
        for which in ('all', 'matched'):
            assert figures[f'pck_{kind}/{which}'] == 100
            assert figures[f'auc_{kind}/{which}'] == pytest.approx(100 * 30 / 31)  # nothing is below the threshold 0
    assert figures['missed'] == figures['extra'] == 0


def test_both_kinds_of_annotation_agree_and_occlusion_is_told_apart(json_file, mat_folder):
    moved = {key: [joints + [120., 0, 100] for joints in people] for key, people in SCENE.items()}
    of_json, of_mat = evaluate(json_file, moved), evaluate(mat_folder, moved)
    assert {name: value for name, value in of_mat.items() if 'visible' not in name and 'occluded' not in name} == of_json
    left = [i for i, name in enumerate(NAMES) if name.startswith('left')]
    broken = {key: [joints.copy() for joints in people] for key, people in SCENE.items()}
    for people in broken.values():
        for joints in people:
            joints[left, 2] += 4000
            joints[left, :2] *= (joints[left, 2:] / (joints[left, 2:] - 4000))
    figures = evaluate(mat_folder, broken)
    assert figures['pck_rel_visible/all'] == 100 and figures['pck_rel_occluded/all'] == 0


def test_a_wrong_distance_counts_in_the_camera_only(json_file):
    farther = {key: [joints * 1.05 for joints in people] for key, people in SCENE.items()}
    figures = evaluate(json_file, farther)  # 175 to 250 mm farther, bones of true length
    assert figures['pck_rel/all'] == 100 and figures['pck_abs/all'] == 0
    assert figures['auc_rel/all'] == pytest.approx(100 * 30 / 31)


def test_missed_people_count_among_all_and_not_among_matched(json_file):
    seen = {**SCENE, ('TS1', 0): SCENE['TS1', 0][:1]}
    figures = evaluate(json_file, seen)
    assert figures['pck_rel/all'] == pytest.approx((100 * 2 / 3 + 100) / 2)  # the mean over sequences
    assert figures['pck_rel/matched'] == 100 and figures['missed'] == 1


def test_extra_people_change_nothing_but_their_count(json_file):
    more = {key: [*people, person(9, (3000, 900, 6000))] for key, people in SCENE.items()}
    figures = evaluate(json_file, more)
    assert figures['pck_abs/all'] == 100 and figures['extra'] == 3


def test_a_sequence_in_which_nobody_is_matched_is_left_out_of_the_matched(json_file):
    figures = evaluate(json_file, {key: people for key, people in SCENE.items() if key[0] == 'TS1'})
    assert figures['pck_rel/all'] == 50 and figures['pck_rel/matched'] == 100


def test_known_noise_gives_the_expected_share(json_file):
    shifted = {key: [joints + [142., 0, 0] for joints in people] for key, people in SCENE.items()}
    figures = evaluate(json_file, shifted)
    assert figures['pck_abs/all'] == 100 and figures['pck_rel/all'] == 100
    assert figures['auc_abs/all'] == pytest.approx(100 * 2 / 31)  # below 145 and 150 mm


def test_files_for_the_matlab_driver(json_file, tmp_path):
    evaluate(json_file, {('TS1', 0): SCENE['TS1', 0]}, out_dir=str(tmp_path / 'mat'))
    flat, deep = (loadmat(tmp_path / 'mat' / f'preds_{kind}_kpt_mupots.mat') for kind in ('2d', '3d'))
    assert np.allclose(flat['TS1_img_000000'], pixels(np.stack(SCENE['TS1', 0])))
    assert np.allclose(deep['TS1_img_000000'], np.stack(SCENE['TS1', 0]))
    assert flat['TS2_img_000000'].size == 0 and 'TS2_img_000001' not in flat  # every image with people is there


def test_people_take_free_predictions_in_turn():
    flat = np.zeros((2, 17, 2)) + 100
    flat[1] += 30
    assert mupots.match_people(flat, flat[:1]).tolist() == [0, -1]
    assert mupots.match_people(flat, flat[::-1]).tolist() == [0, 1]  # equals: the first one
    assert mupots.match_people(flat, np.zeros((1, 17, 2))).tolist() == [-1, -1]  # (0, 0) is nowhere
    assert mupots.match_people(flat, flat + 40).tolist() == [-1, 0]  # 40 pixels are not near
    assert mupots.match_people(flat, np.zeros((0, 17, 2))).tolist() == [-1, -1]


@given(st.integers(0, 10**6), st.floats(0.3, 3.))
def test_bones_get_the_true_length_and_keep_their_direction(seed, scale):
    truth, found = person(seed, (0, 0, 4000)), person(seed + 1, (0, 0, 4000))
    moved = mupots.with_true_bones(found * scale, truth)
    for joint in mupots.FROM_THE_ROOT:
        parent = mupots.PARENTS[joint]
        bone, before = moved[joint] - moved[parent], found[joint] - found[parent]
        assert np.linalg.norm(bone) == pytest.approx(np.linalg.norm(truth[joint] - truth[parent]))
        assert bone @ before == pytest.approx(np.linalg.norm(bone) * np.linalg.norm(before))
    assert np.allclose(moved[14], found[14] * scale)
    assert np.allclose(mupots.with_true_bones(truth, truth), truth)
    assert np.isfinite(mupots.with_true_bones(np.zeros((17, 3)), truth)).all()


def test_bad_input_is_named(json_file, tmp_path):
    with pytest.raises(ValueError, match=r'\(people, 17, 3\)'):
        mupots.people_errors(*(np.zeros((1, 17, size)) for size in (2, 2, 2, 3)), relative=True)
    with pytest.raises(ValueError, match='no prediction is of an image'):
        evaluate(json_file, {('TS9', 0): SCENE['TS1', 1]})
    with pytest.raises(FileNotFoundError, match='annot.mat'):
        load_mupots(tmp_path)
    with pytest.raises(FileNotFoundError, match='not found'):
        load_mupots(tmp_path / 'none.json')
    (tmp_path / 'other.json').write_text('{"images": [], "annotations": [{"id": 3}]}')
    with pytest.raises(ValueError, match='annotation 3 has no is_valid'):
        load_mupots(tmp_path / 'other.json')
    metric = MuPoTSMetric(str(json_file), skeleton='coco17')
    with pytest.raises(ValueError, match='coco17 has 12 of the 17 joints'):
        metric.process({}, [])
