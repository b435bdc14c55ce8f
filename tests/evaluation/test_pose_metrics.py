import numpy as np
import pytest
import torch

from cliff_ext.evaluation.metrics import Keypoints2DMetric, Keypoints3DMetric, SMPLSequenceMetric
from cliff_ext.geometry import rotmat_to_rot6d, rotvec_to_rotmat


def run(metric, inputs, refined, truth, meta=None, **extras):
    metric.dataset_meta = meta or {}
    for one in zip(inputs, refined, truth, strict=True):
        sample = dict(pred_pose=one[1], gt_pose=one[2], **extras)
        metric.process(dict(inputs=[one[0]]), [sample])
    return metric.evaluate(len(inputs))


def test_3d_figures_are_millimetres_relative_to_the_root():
    truth = [torch.randn(20, 51), torch.randn(10, 51)]
    shifted = [t + 0.3 for t in truth]  # a shift of the whole body is no error
    wrist = [t.clone() for t in truth]
    for pose in wrist:
        pose[:, 48] += 0.017
    figures = run(Keypoints3DMetric(), shifted, wrist, truth, dict(root=(0, )))
    assert figures['input/mpjpe'] == pytest.approx(0, abs=1e-3)
    assert figures['refined/mpjpe'] == pytest.approx(1, abs=1e-3)
    assert figures['refined/accel'] == pytest.approx(0, abs=1e-3)
    absolute = run(Keypoints3DMetric(root=()), shifted, wrist, truth, dict(root=(0, )))
    assert absolute['input/mpjpe'] == pytest.approx(300 * 3**0.5, rel=1e-4)
    assert absolute['input/pa_mpjpe'] == pytest.approx(0, abs=1e-2)


def test_acceleration_and_the_worst_frames_of_the_input():
    truth = torch.zeros(200, 6)
    noisy = truth.clone()
    noisy[50:52] = 0.1  # the worst 1 %
    noisy[100, 0] = 0.001
    half = noisy / 2
    half[50:52] = 0.03
    figures = run(Keypoints3DMetric(), [noisy], [half], [truth])
    assert figures['input/worst_mpjpe'] == pytest.approx(100 * 3**0.5, rel=1e-4)
    assert figures['refined/worst_mpjpe'] == pytest.approx(30 * 3**0.5, rel=1e-4)
    bends = (4 * 100 * 3**0.5 + 4 * 0.5) / 198  # |1, -1, -1, 1| steps of the block, |1, -2, 1| / 2 joints of the spike
    assert figures['input/accel'] == pytest.approx(bends, rel=1e-3)


def test_filters_run_beside_and_unknown_truth_is_left_out():
    torch.manual_seed(0)
    truth = torch.linspace(0, 1, 60)[:, None].repeat(1, 51)
    noisy = truth + 0.01 * torch.randn(60, 51)
    truth[10] = torch.nan
    metric = Keypoints3DMetric(filters=[dict(type='SavitzkyGolay', window=15), dict(type='Gaussian1D', sigma=2)])
    figures = run(metric, [noisy], [noisy], [truth])
    assert figures['input/mpjpe'] == figures['refined/mpjpe'] > 1.5 * figures['savitzkygolay/mpjpe']
    assert figures['gaussian1d/accel'] < figures['input/accel'] / 5
    assert figures['gaussian1d/seconds_per_frame'] > 0 and np.isfinite(list(figures.values())).all()


def test_views_count_as_sequences_of_their_own():
    truth = torch.zeros(2, 12, 51)
    noisy = truth.clone()
    noisy[1] = 0.01
    figures = run(Keypoints3DMetric(), [noisy], [truth], [truth])
    assert figures['input/mpjpe'] == pytest.approx(5 * 3**0.5, rel=1e-4) and figures['refined/mpjpe'] == 0


def test_2d_figures_are_pixels_and_pck_needs_boxes():
    truth = torch.zeros(10, 34)
    figures = run(Keypoints2DMetric(), [truth + 0.01], [truth], [truth], dict(image='square'))
    assert figures['input/mpjpe'] == pytest.approx(5 * 2**0.5, rel=1e-4) and 'input/pck@0.05' not in figures
    noisy = truth[:, :30].clone()
    noisy[:, 0] = 0.06  # of 200 pixels: 12 pixels of a box of 100
    figures = run(Keypoints2DMetric(), [noisy], [truth[:, :30]], [truth[:, :30]], dict(image='frame'),
                  bboxes=np.tile([0, 0, 60, 100], (10, 1)), image_size=np.array([200, 100]))
    assert figures['input/pck@0.1'] == pytest.approx(100 * 14 / 15)
    assert figures['input/pck@0.2'] == figures['refined/pck@0.05'] == 100
    with pytest.raises(ValueError, match="'square' or 'frame'"):
        run(Keypoints2DMetric(), [truth], [truth], [truth])


def test_smpl_figures_of_a_bent_elbow():
    rest = torch.eye(3).repeat(5, 24, 1, 1)
    bent = rest.clone()
    bent[:, 18] = rotvec_to_rotmat(torch.tensor([0., np.pi / 2, 0.]))
    rest, bent = (rotmat_to_rot6d(value).flatten(1) for value in (rest, bent))
    figures = run(SMPLSequenceMetric(), [bent], [rest], [rest])
    assert figures['input/rotation'] == pytest.approx(90 / 24, rel=1e-3) and figures['refined/rotation'] < 0.1
    forearm = figures['input/mpjpe'] * 14  # one wrist of 14 joints moved
    assert 200 < forearm < 500 and figures['refined/mpjpe'] == pytest.approx(0, abs=1e-2)
    assert 20 < figures['input/mpvpe'] < 100 and figures['refined/mpvpe'] < 0.1
    assert figures['input/accel'] == pytest.approx(0, abs=1e-2)
    scaled = run(SMPLSequenceMetric(), [rest], [rest], [rest], gt_scaling=np.full((5, 1), 1.1))
    assert scaled['refined/mpjpe'] > 10 and scaled['refined/pa_mpjpe'] < 0.1
