import cv2
import numpy as np

from cliff_ext.visualization import FitPanels, plot_reprojection


def test_both_versions_side_by_side_with_their_residuals():
    rows = [5, 6, 7, 8]  # COCO's shoulders and elbows
    keypoints = np.array([[20, 60, 1], [60, 60, 1], [20, 100, 0], [60, 100, 1]], float)
    off, on = keypoints[:, :2] + [12, 0], keypoints[:, :2]
    image = np.full((120, 100, 3), 128, np.uint8)
    picture = FitPanels('coco17', rows)(image, [keypoints], [off], [on], [0])
    assert picture.shape == (480, 800, 3)
    before, after = picture[:, :400], picture[:, 400:]
    red = [(np.abs(half.astype(int) - [40, 40, 230]).sum(-1) < 30).sum() for half in (before, after)]
    assert min(red) > 20
    white = [(half[100:].min(-1) > 240).sum() for half in (before, after)]
    assert white[0] > white[1]
    assert (image == 128).all()


def test_a_frame_without_people_is_the_frame():
    image = np.full((480, 64, 3), 7, np.uint8)
    assert (FitPanels('coco17', range(17))(image, [], [], [], [])[100:] == 7).all()


def test_the_curve(tmp_path):
    path = tmp_path / 'curve.png'
    plot_reprojection(path, {'person 1': (np.arange(3), np.array([9., np.nan, 8.]), np.array([2., np.nan, 1.]))})
    assert cv2.imread(str(path)).std() > 5
    plot_reprojection(path, {})
