import cv2
import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from cliff_ext.structures import HumanDataSample
from cliff_ext.visualization import HumanMeshVisualizer


def body(x: float) -> dict:
    return dict(global_orient=torch.diag(torch.tensor([1., -1., -1.]))[None], body_pose=torch.eye(3).repeat(1, 23, 1, 1),
                betas=torch.zeros(1, 10), transl=torch.tensor([[x, 0., 4.]]))


@pytest.fixture(scope='module')
def visualizer():
    return HumanMeshVisualizer(height=120)


def sample(truth: float | None) -> HumanDataSample:
    one = HumanDataSample(metainfo=dict(focal_length=300., bbox=[100, 20, 220, 220], image_size=(320, 240)))
    one.pred_instances = InstanceData(**body(0.))
    if truth is not None:
        one.gt_instances = InstanceData(**body(0.8), has_smpl=torch.tensor([truth]), has_transl=torch.ones(1))
    return one


def columns(panel: np.ndarray) -> np.ndarray:
    return np.flatnonzero((panel != 60).any((0, 2)))


def test_estimate_and_truth_stand_side_by_side_where_they_are(visualizer):
    image = np.full((240, 320, 3), 60, np.uint8)
    picture = visualizer.draw(image, sample(1.))
    assert picture.shape == (120, 3 * 160, 3)
    box, found, true = np.split(picture, 3, 1)
    assert abs(columns(box).mean() - 80) < 3
    assert abs(columns(found).mean() - 80) < 4  # in the middle
    assert abs(columns(true).mean() - (80 + 0.8 / 4 * 150)) < 4
    assert visualizer.draw(image, sample(0.)).shape == visualizer.draw(image, sample(None)).shape == (120, 2 * 160, 3)


def test_an_estimate_that_is_no_number_leaves_the_picture(visualizer):
    broken = sample(None)
    broken.pred_instances.transl[0, 0] = torch.nan
    picture = visualizer.draw(np.full((60, 80, 3), 60, np.uint8), broken)  # small pictures are not made larger
    assert picture.shape == (60, 160, 3) and (picture[:, 80:] == 60).all()


def test_pictures_reach_the_backends_as_rgb(tmp_path):
    visualizer = HumanMeshVisualizer(height=120, vis_backends=[dict(type='mmengine.LocalVisBackend')],
                                     save_dir=str(tmp_path))
    image = np.zeros((240, 320, 3), np.uint8)
    image[..., 2] = 255  # BGR: red
    visualizer.add_datasample('val_0', image, sample(None), step=7)
    written = cv2.imread(str(next(tmp_path.rglob('val_0_7.png'))))
    assert written.shape == (120, 320, 3) and (written[0, 0] == [0, 0, 255]).all()
