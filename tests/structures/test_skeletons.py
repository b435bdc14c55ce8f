import numpy as np
import pytest

from cliff_ext.structures import SPIN49_FROM_SMPL54, get_skeleton, joint_map, list_skeletons, map_joints

SIZES = dict(openpose25=25, coco17=17, h36m17=17, lsp14=14, smpl24=24, smpl54=54, spin49=49, muco21=21,
             mpi3dhp17=17, jhmdb15=15, h36m18=18, mpii16=16, coco19=19)


def test_sizes_and_unique_names():
    assert set(list_skeletons()) == set(SIZES)
    for name, size in SIZES.items():
        joints = get_skeleton(name).joint_names
        assert len(joints) == size == len(set(joints))


@pytest.mark.parametrize('name', list(SIZES))
def test_flipping_twice_changes_nothing_and_pairs_are_complete(name):
    skeleton = get_skeleton(name)
    sides = [joint for joint in skeleton.joint_names if 'left_' in joint or 'right_' in joint]
    assert len(sides) == 2 * len(skeleton.flip_pairs)
    for left, right in skeleton.flip_pairs:
        assert skeleton.joint_names[left].replace('left', 'right') == skeleton.joint_names[right]


def test_spin49_picks_the_same_points_from_smpl54_by_name():
    smpl, spin = get_skeleton('smpl54').joint_names, get_skeleton('spin49').joint_names
    same = {'neck': 'neck', 'mid_hip': 'pelvis'}
    for spin_name, index in zip(spin, SPIN49_FROM_SMPL54, strict=True):
        expected = same.get(spin_name, spin_name)
        assert smpl[index].removeprefix('gt_') == expected.removeprefix('gt_')


def test_mapping_takes_the_data_sets_definition_except_for_openpose():
    spin = get_skeleton('spin49')
    to, of = joint_map('spin49', 'lsp14')
    assert len(to) == 14 and (of >= 25).all()
    _, of = joint_map('spin49', 'openpose25')
    assert of.tolist() == list(range(25))
    assert spin.joint_names[27] == 'gt_right_hip'


def test_the_18_joints_of_posenet_are_human36ms_17_and_the_middle_of_the_shoulders():
    names = get_skeleton('h36m18').joint_names
    assert names == (*get_skeleton('h36m17').joint_names, 'mid_shoulders')
    assert joint_map('h36m18', 'h36m17')[1].tolist() == list(range(17))
    assert get_skeleton('muco21').joint_names[:17] == get_skeleton('mpi3dhp17').joint_names


def test_missing_joints_are_marked():
    points = np.arange(17 * 3, dtype=float).reshape(17, 3)
    mapped, valid = map_joints(points, 'coco17', 'lsp14')
    lsp, coco = get_skeleton('lsp14'), get_skeleton('coco17')
    assert valid.sum() == 12 and not valid[lsp.index('head_top')] and not valid[lsp.index('neck')]
    assert np.array_equal(mapped[lsp.index('left_knee')], points[coco.index('left_knee')])


def test_bad_names_and_shapes_are_named():
    with pytest.raises(ValueError, match='unknown skeleton'):
        get_skeleton('coco99')
    with pytest.raises(ValueError, match='17 joints'):
        map_joints(np.zeros((5, 3)), 'coco17', 'lsp14')
    with pytest.raises(ValueError, match='no joint'):
        get_skeleton('coco17').index('tail')
