import numpy as np
import pytest

from cliff_ext.structures import get_skeleton
from cliff_ext.visualization import SceneCamera, SkeletonOverlay, SkeletonView, draw_skeletons, track_color

COCO = get_skeleton('coco17')
RNG = np.random.default_rng(0)
PERSON = RNG.uniform([-0.3, -0.9, -0.2], [0.3, 0.9, 0.2], (17, 3))
GREY = np.full((120, 160, 3), 100, np.uint8)


def middle(view: SkeletonView, joints: np.ndarray, axis: int) -> float:
    """Mean column (axis 1) or row (axis 0) of what was drawn."""
    changed = (view(joints[None], [0]) != view.background).any(2)
    return float(np.nonzero(changed)[axis].mean())


def test_an_overlay_lies_where_the_joints_are_seen():
    joints = PERSON + [0.4, 0., 5.]
    drawn = SkeletonOverlay(COCO)(GREY, joints[None], 200., [3])
    pixels = joints[:, :2] / joints[:, 2:] * 200 + [80, 60]
    changed = np.argwhere((drawn != GREY).any(2))[:, ::-1]
    assert np.abs(changed.min(0) - pixels.min(0)).max() < 6 and np.abs(changed.max(0) - pixels.max(0)).max() < 6
    assert (drawn == np.round(track_color(3))).all(2).any() and (GREY == 100).all()


def test_near_people_hide_far_ones_whatever_their_order():
    people = np.stack([PERSON * [1, 1, 0.01] + [0, 0, 5.], PERSON * [1, 1, 0.01] * 0.8 + [0, 0, 4.]])
    both = draw_skeletons(GREY, people, 300., COCO, [0, 1])
    assert np.array_equal(both, draw_skeletons(GREY, people[::-1], 300., COCO, [1, 0]))
    near = draw_skeletons(GREY, people[1:], 300., COCO, [1])
    bones = (near == np.round(track_color(1))).all(2)
    assert bones.sum() > 20 and np.array_equal(both[bones], near[bones])


def test_who_is_behind_the_camera_is_not_drawn():
    assert np.array_equal(draw_skeletons(GREY, (PERSON - [0, 0, 2.])[None], 200., COCO, [0]), GREY)
    assert np.array_equal(draw_skeletons(GREY, np.empty((0, 17, 3)), 200., COCO, []), GREY)


def test_depth_runs_to_the_right_from_the_side_and_upwards_from_above():
    places = np.concatenate([PERSON + [0, 0, 3.], PERSON + [2., 0, 7.]])
    side, top = (SkeletonView(COCO, places, (320, 240), view) for view in ('side', 'top'))
    near, far, aside = PERSON + [0, 0, 3.5], PERSON + [0, 0, 6.5], PERSON + [1.5, 0, 3.5]
    assert middle(side, near, 1) < 160 < middle(side, far, 1)
    assert middle(top, far, 0) < 120 < middle(top, near, 0)
    assert middle(top, near, 1) + 20 < middle(top, aside, 1)


def test_the_scene_is_metric():
    camera = SceneCamera(np.array([[-1., -1, 2], [1., 1, 8]]), (640, 480), 'top')
    ground = np.array([[0., 1., 3.], [0., 1., 4.], [0., 1., 7.], [1., 1., 3.]])
    a, b, c, d = camera.pixels(ground)
    assert abs((a - b)[1] * 4 - (a - c)[1]) <= 4 and abs((a - b)[1] - (d - a)[0]) <= 2
    assert (camera.background != 248).any() and camera.pixels(np.array([[0., 1e3, 0.]])) is not None
    with pytest.raises(ValueError, match='side, top'):
        SceneCamera(ground, view='back')
