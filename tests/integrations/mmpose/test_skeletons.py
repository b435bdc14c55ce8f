"""Joints of mmpose's data sets, by our names."""

import pytest

from cliff_ext.integrations.mmpose import skeleton_of
from cliff_ext.integrations.mmpose.skeletons import SKELETONS, check_joints
from cliff_ext.structures import get_skeleton

SYNONYMS = dict(root='pelvis', right_foot='right_ankle', left_foot='left_ankle', neck_base='nose', upper_neck='neck')
"""What mmpose calls some points; Human3.6M's joint 9 lies between neck and nose."""
FILES = {'Human-Art': 'humanart'}
MORE = dict(h36m=dict(head='head_top'), jhmdb=dict(head='face'), mpi_inf_3dhp=dict(neck='thorax'))


@pytest.mark.parametrize('dataset', SKELETONS)
def test_each_has_the_same_points_in_the_same_order(dataset):
    pytest.importorskip('mmpose')
    from mmpose.datasets.datasets.utils import parse_pose_metainfo
    meta = parse_pose_metainfo(dict(from_file=f'configs/_base_/datasets/{FILES.get(dataset, dataset)}.py'))
    theirs = [meta['keypoint_id2name'][i] for i in range(meta['num_keypoints'])]
    names = {**SYNONYMS, **MORE.get(dataset, {})}
    assert [names.get(name, name) for name in theirs] == list(get_skeleton(skeleton_of(meta)).joint_names)


@pytest.mark.parametrize('meta', [None, {}, dict(dataset_name='ap10k')])
def test_unknown_joints_are_refused_with_a_list_of_known_ones(meta):
    with pytest.raises(ValueError, match="no counterpart in cliff_ext; known are coco, .*skeleton='coco17'"):
        skeleton_of(meta)


def test_another_number_of_joints_is_refused():
    check_joints('coco17', 17)
    with pytest.raises(ValueError, match='have 133 keypoints, skeleton coco17 has 17'):
        check_joints('coco17', 133)
