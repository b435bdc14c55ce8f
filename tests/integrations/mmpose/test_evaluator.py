"""A film's samples are refined before mmpose's metrics see them."""

import numpy as np
import pytest
from mmengine.evaluator import BaseMetric
from mmengine.structures import BaseDataElement, InstanceData

from cliff_ext.integrations.mmpose import RefinedEvaluator

from .conftest import box, walker

SMOOTH = [dict(type='Gaussian1D', sigma=2.)]


class Error(BaseMetric):
    """Mean distance of predicted keypoints from the truth, and what it saw."""

    def process(self, data_batch, data_samples):
        self.results += [(sample['img_id'], sample['pred_instances']['keypoints'], sample['gt_instances']['keypoints'],
                          sample) for sample in data_samples]

    def compute_metrics(self, results):
        self.seen = results
        return dict(error=float(np.mean([np.linalg.norm(pred - truth, axis=-1).mean() for _, pred, truth, _ in results])))


def sample(frame: int, start: float = 50., path: str = 'film/{:06d}.jpg', track_id: int | None = None,
           jitter: float = 4.) -> BaseDataElement:
    truth, found = walker(frame, start), walker(frame, start, jitter)
    result = BaseDataElement(metainfo=dict(img_path=path.format(frame), img_id=frame, ori_shape=(360, 640)))
    if track_id is not None:
        result.set_metainfo(dict(raw_ann_info=dict(track_id=track_id)))
    result.gt_instances = InstanceData(keypoints=truth[None], bboxes=box(truth)[None])
    result.pred_instances = InstanceData(keypoints=found[None], keypoint_scores=np.ones((1, 17)), bboxes=box(truth)[None],
                                         bbox_scores=np.ones(1))
    result.pred_fields = 'heat maps'
    return result


def judged(samples, steps, **kwargs) -> tuple[float, Error]:
    metric = Error()
    evaluator = RefinedEvaluator(metric, steps, **{'skeleton': 'coco17', **kwargs})
    for start in range(0, len(samples), 4):
        evaluator.process(samples[start:start + 4])
    return evaluator.evaluate(len(samples))['error'], metric


def test_smoothing_brings_the_metric_down_and_no_steps_leave_it():
    samples = [sample(frame) for frame in range(40)]
    plain, _ = judged(samples, [])
    noise = [np.linalg.norm(walker(frame, 50.) - walker(frame, 50., 4.), axis=-1).mean() for frame in range(40)]
    assert plain == pytest.approx(np.mean(noise))
    samples = [sample(frame) for frame in range(40)]
    assert judged(samples, SMOOTH)[0] < 0.5 * plain


def test_frames_may_come_in_any_order_and_of_several_films():
    order = np.random.default_rng(0).permutation(40)
    samples = [sample(int(i) % 20, 50. if i < 20 else 400., f'{"ab"[i // 20]}/{{:03d}}.jpg') for i in order]
    mixed, metric = judged(samples, SMOOTH)
    in_order = [sample(i % 20, 50. if i < 20 else 400., f'{"ab"[i // 20]}/{{:03d}}.jpg') for i in range(40)]
    assert mixed == pytest.approx(judged(in_order, SMOOTH)[0])
    assert [image for image, *_ in metric.seen] == [int(i) % 20 for i in order]


def test_two_people_are_told_apart_by_their_boxes_and_by_the_annotation():
    def people(**ids):
        return [sample(frame, start, track_id=ids.get(name)) for frame in range(20) for name, start in
                (('a', 50.), ('b', 300.))]

    by_boxes, by_names = judged(people(), SMOOTH)[0], judged(people(a=9, b=4), SMOOTH)[0]
    assert by_boxes == pytest.approx(by_names) and by_boxes < 3.
    with pytest.raises(ValueError, match='frame 0 has two people of identity 9'):
        judged(people(a=9, b=9), SMOOTH)


def test_every_fourth_frame_annotated_is_a_film_without_gaps():
    sparse = [sample(frame) for frame in range(0, 80, 4)]
    assert judged(sparse, SMOOTH)[0] < 0.7 * judged([sample(frame) for frame in range(0, 80, 4)], [])[0]


def test_people_are_judged_where_they_were_annotated_only():
    samples = [sample(frame) for frame in range(20) if frame not in (7, 8)]
    _, metric = judged(samples, [dict(type='Infill'), *SMOOTH])
    assert len(metric.seen) == 18 and {image for image, *_ in metric.seen} == set(range(20)) - {7, 8}


def test_heat_maps_are_not_kept_and_samples_are_forgotten_after():
    evaluator = RefinedEvaluator(Error(), [], skeleton='coco17')
    evaluator.process([sample(0)])
    assert 'pred_fields' not in evaluator.samples[0]
    assert evaluator.evaluate(1) and evaluator.samples == []


def test_the_data_set_says_which_joints_these_are():
    evaluator = RefinedEvaluator(Error(), [])
    evaluator.dataset_meta = dict(dataset_name='coco')
    evaluator.process([sample(0)])
    assert 'error' in evaluator.evaluate(1)
    evaluator.dataset_meta = dict(dataset_name='ap10k')
    evaluator.process([sample(0)])
    with pytest.raises(ValueError, match="dataset 'ap10k'"):
        evaluator.evaluate(1)


def test_images_without_a_number_are_refused():
    with pytest.raises(ValueError, match='photo.jpg. does not end in a frame number, .*name frames as FILM/000001.jpg'):
        judged([sample(0, path='photo.jpg')], SMOOTH)


def test_several_processes_are_refused(monkeypatch):
    monkeypatch.setattr('cliff_ext.integrations.mmpose.evaluator.get_world_size', lambda: 2)
    with pytest.raises(RuntimeError, match='one process: test on one GPU'):
        judged([sample(0)], SMOOTH)


def test_mmpose_builds_it_by_its_scoped_name():
    pytest.importorskip('mmpose')
    from mmengine.registry import EVALUATOR, init_default_scope
    init_default_scope('mmpose')
    evaluator = EVALUATOR.build(dict(type='cliff_ext.RefinedEvaluator', metrics=[dict(type='EPE')], track_pipeline=SMOOTH))
    assert isinstance(evaluator, RefinedEvaluator) and type(evaluator.metrics[0]).__module__.startswith('mmpose.')
