import json
from pathlib import Path

import numpy as np
import pytest
from mmengine.registry import DefaultScope

from cliff_ext.datasets import MixedHumanDataset
from cliff_ext.registry import DATASETS
from cliff_ext.structures import get_skeleton
from tests.datasets import mppe_files as files


def load(kind: str, **options):
    return DATASETS.build(dict(type=kind, **options)).load()


def dataset(layout: dict, pipeline=(), **options):
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        return DATASETS.build(dict(type='AbsolutePoseDataset', layout=layout, pipeline=list(pipeline), **options))


def test_human36m_takes_its_protocols_subjects_frames_and_cameras(tmp_path):
    root = files.human36m(tmp_path)
    people = load('Human36MLayout', data_root=root, split='test', protocol=2)
    assert len(people) == 2 * 3 * 2  # subjects, frames 0, 64, 128, cameras
    assert len(load('Human36MLayout', data_root=root, split='test', protocol=1)) == 6
    joints = files.body(64, 17, (0, 0, 0))
    row = people.img_path.index(str(tmp_path / 'images/s9/act_02_ca_1_64.png'))
    assert np.allclose(people.keypoints3d[row, :17], (joints + [0, 0, 4000]) / 1e3)
    turned = np.stack([joints[:, 2], joints[:, 1], -joints[:, 0]], 1) + [0, 0, 5000]
    assert np.allclose(people.keypoints3d[row + 1, :17], turned / 1e3)
    assert np.allclose(people.keypoints3d[row, 17], people.keypoints3d[row, [11, 14]].mean(0))
    assert np.allclose(people.keypoints2d[row, 3], files.pixels((joints + [0, 0, 4000])[3:4])[0])
    assert people.root3d[row, 2] == people.keypoints3d[row, 0, 2] and set(people.action) == {'Directions'}


def test_boxes_and_roots_of_others_replace_the_true_ones(tmp_path):
    root = files.human36m(tmp_path, subjects=(11, ))
    layout = dict(type='Human36MLayout', data_root=root, split='test', protocol=1)
    images = dataset(layout).people.image_id.tolist()
    boxes = [dict(image_id=number, bbox=[10, 20, 40, 40]) for number in images]
    item = dataset({**layout, 'boxes': files.save(tmp_path / 'boxes.json', boxes)}).get_data_info(0)
    assert np.allclose(item['bbox'], [29.5 - 39 * 0.625, 39.5 - 39 * 0.625, 29.5 + 39 * 0.625, 39.5 + 39 * 0.625])
    assert item['root_depth'] == pytest.approx(item['root3d'][2])
    roots = [dict(box, root_cam=[1., 2., 6500.]) for box in boxes]
    item = dataset({**layout, 'boxes': files.save(tmp_path / 'roots.json', roots)}).get_data_info(0)
    assert item['bbox'].tolist() == [10, 20, 50, 60]  # a patch already
    assert item['root_depth'] == pytest.approx(6.5) and item['root3d'][2] != 6.5
    files.save(tmp_path / 'few.json', boxes[1:])
    with pytest.raises(ValueError, match='no box for 1 of 6 images.*another protocol'):
        load('Human36MLayout', data_root=root, split='test', protocol=1, boxes=str(tmp_path / 'few.json'))
    files.save(tmp_path / 'mixed.json', [*boxes[:1], *roots[1:]])
    with pytest.raises(ValueError, match='5 of 6 boxes have root_cam'):
        load('Human36MLayout', data_root=root, split='test', protocol=1, boxes=str(tmp_path / 'mixed.json'))


def test_wrong_protocols_subjects_and_cameras_are_named(tmp_path):
    with pytest.raises(ValueError, match='protocols 1 and 2'):
        load('Human36MLayout', data_root='x', split='test', protocol=3)
    with pytest.raises(FileNotFoundError, match='subject11_data.json'):
        load('Human36MLayout', data_root=str(tmp_path), split='test', protocol=1)
    files.human36m(tmp_path, subjects=(11, ), frames=1)
    stem = tmp_path / 'annotations/Human36M_subject11_'
    cameras = json.loads(Path(f'{stem}camera.json').read_text())
    files.save(Path(f'{stem}camera.json'), {'1': cameras['1']})
    with pytest.raises(ValueError, match='no camera 2.*it has 1'):
        load('Human36MLayout', data_root=str(tmp_path), split='test', protocol=1)
    files.human36m(tmp_path, subjects=(9, ), frames=1)
    Path(f'{stem}data.json').write_text((tmp_path / 'annotations/Human36M_subject9_data.json').read_text())
    with pytest.raises(ValueError, match='holds frames of subject 9'):
        load('Human36MLayout', data_root=str(tmp_path), split='test', protocol=1)


def test_muco_takes_the_nearest_and_those_apart(tmp_path):
    people = load('MuCoLayout', **files.muco(tmp_path))
    assert people.keypoints3d[:, 14, 2].tolist() == [3., 6.] and people.has_depth
    assert people.focal_length.tolist() == [files.FOCAL] * 2


def test_mupots_takes_valid_people_or_what_was_found(tmp_path):
    where = files.mupots(tmp_path)
    people = load('MuPoTSLayout', **where)
    assert len(people) == 1 and people.sequence == ['TS1'] and people.visible.all()
    boxes = [dict(image_id=1, bbox=[1, 2, 30, 40], score=0.7), dict(image_id=1, bbox=[5, 2, 30, 40], score=0.6)]
    found = load('MuPoTSLayout', boxes=files.save(tmp_path / 'b.json', boxes), **where)
    assert found.image_id.tolist() == [1, 1] and found.score.tolist() == [0.7, 0.6] and not found.visible.any()
    assert np.isnan(found.root3d).all() and found.bboxes[0].tolist() == [1, 2, 31, 42]
    with pytest.raises(ValueError, match='image 9 is not in'):
        load('MuPoTSLayout', boxes=files.save(tmp_path / 'b.json', [dict(image_id=9, bbox=[0, 0, 1, 1])]), **where)


def test_coco_gets_middles_only_where_both_sides_are_annotated(tmp_path):
    people = load('COCOLayout', **files.coco(tmp_path))
    names = get_skeleton('coco19').joint_names
    assert len(people) == 2  # neither the crowd nor the person without joints
    assert people.visible[0].all() and people.visible[1, names.index('mid_shoulders')]
    assert not people.visible[1, names.index('pelvis')] and not people.visible[1, names.index('left_hip')]
    hips = people.keypoints2d[0, [names.index('left_hip'), names.index('right_hip')]].mean(0)
    assert np.allclose(people.keypoints2d[0, names.index('pelvis')], hips)


def test_joint_sets_are_mapped_by_name_and_stand_in(tmp_path):
    people = load('MPIILayout', **files.coco(tmp_path, joints=16))
    source, target = get_skeleton('mpii16'), get_skeleton('h36m18')
    mapped = people.to_skeleton('h36m18', dict(mid_shoulders='thorax', thorax='neck'))
    for ours, theirs in (('left_knee', 'left_knee'), ('mid_shoulders', 'thorax'), ('thorax', 'neck'), ('pelvis', 'pelvis')):
        assert np.array_equal(mapped.keypoints2d[:, target.index(ours)], people.keypoints2d[:, source.index(theirs)])
    assert not mapped.visible[:, target.index('nose')].any() and np.isnan(mapped.keypoints3d).all()
    with pytest.raises(ValueError, match="no joint 'tail'"):
        people.to_skeleton('h36m18', dict(thorax='tail'))


def test_unknown_cameras_get_the_diagonal_and_useless_boxes_are_left_out(tmp_path):
    where = files.coco(tmp_path)
    content = json.loads(Path(where['ann_file']).read_text())
    content['annotations'][0]['bbox'] = [500, 10, 20, 20]
    files.save(Path(where['ann_file']), content)
    made = dataset(dict(type='COCOLayout', **where))
    item = made.get_data_info(0)
    assert len(made) == 1 and item['focal_length'].tolist() == [200, 200] and item['root_depth'] is None
    content['annotations'][1]['bbox'] = [10, 10, 0, 20]
    files.save(Path(where['ann_file']), content)
    with pytest.raises(ValueError, match='none of the 2 people has a box'):
        dataset(dict(type='COCOLayout', **where))


def test_a_root_is_the_projected_or_the_annotated_pelvis(tmp_path):
    of_coco = dataset(dict(type='COCOLayout', **files.coco(tmp_path / 'coco')))
    assert [of_coco.get_data_info(i)['root_visible'] for i in range(2)] == [1, 0]
    of_muco = dataset(dict(type='MuCoLayout', **files.muco(tmp_path / 'muco'))).get_data_info(0)
    assert of_muco['root_visible'] == 1 and np.allclose(of_muco['root2d'], of_muco['keypoints2d'][14])


@pytest.mark.parametrize('change, message', [
    (lambda c: c.pop('images'), "no 'images' at its top"),
    (lambda c: c['annotations'][0].pop('keypoints'), 'annotation 0 has no keypoints'),
    (lambda c: c['annotations'][0].update(keypoints=[1, 2]), 'has 2 numbers'),
    (lambda c: c['annotations'][0].update(image_id=77), 'annotation of image 77'),
])
def test_files_of_another_kind_are_named(tmp_path, change, message):
    where = files.coco(tmp_path)
    content = json.loads(Path(where['ann_file']).read_text())
    change(content)
    files.save(Path(where['ann_file']), content)
    with pytest.raises(ValueError, match=message):
        load('COCOLayout', **where)


def test_two_and_three_dimensions_come_half_and_half_with_one_joint_set(tmp_path):
    pipeline = [dict(type='LoadHumanImage'), dict(type='NoiseRectangle', prob=1.), dict(type='RandomPatchMove'),
                dict(type='CropPatch', output_size=(32, 32)), dict(type='ColorNoise', strength=0.2),
                dict(type='PackPatchInputs')]
    deep = dataset(dict(type='MuCoLayout', **files.muco(tmp_path / 'muco')), pipeline)
    flat = dataset(dict(type='COCOLayout', **files.coco(tmp_path / 'coco')), pipeline, skeleton='muco21',
                   stand_ins=dict(thorax='mid_shoulders'))
    mixed = MixedHumanDataset([deep, flat], [1, 1], length=8)
    items = [mixed[i] for i in range(8)]
    truth = [item['data_samples'].gt_instances for item in items]
    assert [float(t.has_depth) for t in truth] == [1] * 4 + [0] * 4
    assert all(t.keypoints_patch.shape == (1, 21, 3) and t.keypoints_patch.isfinite().all() for t in truth)
    assert all(item['inputs'].shape == (3, 32, 32) and item['inputs'].max() <= 255 for item in items)
    assert 'root_depth' in items[0]['data_samples'].metainfo and 'root_depth' not in items[7]['data_samples'].metainfo
