import numpy as np
import pytest

from cliff_ext.visualization import MotionPanels, plot_joint
from cliff_ext.visualization.motion import to_view


def walk(frames=5):
    points = np.zeros((frames, 3, 3))
    points[:, 1, 1], points[:, 2, 1] = 0.5, 1.0
    points[..., 0] += np.linspace(0, 1, frames)[:, None]
    return points


def test_panels_stand_side_by_side_and_share_one_camera():
    still = np.repeat(walk()[:1], 5, 0)
    panels = MotionPanels(dict(input=walk(), truth=still), bones=[(0, 1), (1, 2)], size=(100, 120))
    assert len(panels) == 5
    first, last = panels(0), panels(4)
    assert first.shape == (120, 200, 3) and first.dtype == np.uint8
    np.testing.assert_array_equal(first[:, 100:], last[:, 100:])
    assert (first[:, :100] != last[:, :100]).any()
    below_title = first[30:, :100] != 248
    assert below_title.any() and not below_title[:, [0, -1]].any()  # all inside


def test_up_stays_up_and_distances_hold():
    high, low = to_view(np.array([[0., -1., 0.], [0., 1., 0.]]))
    assert high[1] < low[1] and np.linalg.norm(high - low) == pytest.approx(2)
    flat = np.array([[3., 4.]])
    assert to_view(flat) is flat


def test_unknown_points_are_not_drawn():
    points = walk()
    points[:, 2] = np.nan
    MotionPanels(dict(input=points), bones=[(1, 2)])(0)
    with pytest.raises(ValueError, match='no finite point'):
        MotionPanels(dict(input=np.full((2, 3, 3), np.nan)))
    with pytest.raises(ValueError, match='one shape'):
        MotionPanels(dict(input=walk(3), truth=walk(4)))


def test_bodies_are_shaded():
    vertices = np.array([[[-.5, -.5, 0], [.5, -.5, 0], [.5, .5, 0], [-.5, .5, 0]]]).repeat(2, 0)
    picture = MotionPanels(dict(refined=vertices), faces=np.array([[0, 2, 1], [0, 3, 2]]), size=(90, 90))(1)
    assert 1500 < (picture[30:] != 248).any(-1).sum() < 60 * 90


@pytest.mark.parametrize('dims', [2, 3])
def test_a_joint_is_plotted(tmp_path, dims):
    path = tmp_path / 'joint.png'
    plot_joint(path, dict(input=np.random.rand(9, dims), truth=np.zeros((9, dims))), 'wrist', 'm')
    assert path.read_bytes().startswith(b'\x89PNG') and path.stat().st_size > 5000
    with pytest.raises(ValueError, match='one shape'):
        plot_joint(path, dict(input=np.zeros((9, 2)), truth=np.zeros((8, 2))), 'wrist', 'm')
