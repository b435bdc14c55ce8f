"""mmpose's own inferencers, 2D and 3D, with a track pipeline behind them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cliff_ext.integrations.mmpose import RefinedInferencer
from cliff_ext.io import open_source

pytest.importorskip('mmpose')
FRAMES = 3
LIFTER = '.mim/configs/body_3d_keypoint/video_pose_lift/h36m/video-pose-lift_tcn-1frm-supv-cpn-ft_8xb128-160e_h36m.py'


@pytest.fixture(scope='module')
def clip(repo_root) -> list[np.ndarray]:
    """The demo clip's first frames."""
    film = open_source(repo_root / 'cliff_ext/zoo/demo_clip.mp4')
    return [image for _, (_, _, image) in zip(range(FRAMES), film, strict=False)]


@pytest.fixture(scope='module')
def parts(repo_root) -> dict:
    """What mmpose's inferencers need to find the clip's three people."""
    project, zoo = repo_root / 'projects/mmpose', repo_root / 'cliff_ext/zoo'
    return dict(pose2d=str(project / 'cliff_demo-clip.py'), pose2d_weights=str(zoo / 'demo_cliff.pth'), device='cpu',
                det_model=str(project / 'detector.py'), det_weights=str(zoo / 'demo_detector.pth'), det_cat_ids=[0])


def test_2d_results_are_its_own_with_people_named(clip, parts):
    from mmpose.apis import MMPoseInferencer
    inferencer = MMPoseInferencer(**parts)
    plain = list(inferencer(clip))
    same = list(RefinedInferencer(inferencer, [])(clip))
    for old, new in zip(plain, same, strict=True):
        assert [one['track_id'] for one in new['predictions'][0]] == [0, 1, 2]
        for one, other in zip(old['predictions'][0], new['predictions'][0], strict=True):
            assert set(other) == set(one) | {'track_id', 'filled'}
            np.testing.assert_allclose(other['keypoints'], one['keypoints'], atol=1e-3)
            np.testing.assert_allclose(other['bbox'], one['bbox'], atol=1e-3)
    with pytest.raises(ValueError, match='does not take vis_out_dir: .* visualizer.add_datasample'):
        next(RefinedInferencer(inferencer, [])(clip, vis_out_dir='out'))


def test_lifted_people_are_followed_by_the_boxes_they_were_lifted_from(clip, parts):
    import mmpose
    from mmpose.apis import MMPoseInferencer
    inferencer = MMPoseInferencer(pose3d=str(Path(mmpose.__file__).parent / LIFTER), **parts)  # untrained
    refined = RefinedInferencer(inferencer, [dict(type='Gaussian1D', sigma=1.)])
    assert refined.skeleton == 'h36m17'
    results = list(refined(clip, return_datasamples=True, disable_norm_pose_2d=True))
    people = [result['predictions'][0].pred_instances for result in results]
    assert [one.track_ids.tolist() for one in people] == [[0, 1, 2]] * FRAMES
    points = np.array([one.keypoints for one in people])
    assert points.shape == (FRAMES, 3, 17, 3)
    np.testing.assert_allclose(points[..., 2].min(-1), 0, atol=1e-6)


def test_what_is_no_inferencer_is_refused():
    with pytest.raises(ValueError, match='wants MMPoseInferencer, Pose2DInferencer or Pose3DInferencer of mmpose, got dict'):
        RefinedInferencer({}, [])
