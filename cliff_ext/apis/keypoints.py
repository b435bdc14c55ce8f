"""2D keypoints by any top-down model of mmpose, with boxes from tracks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.config import Config
from mmengine.registry import DefaultScope

from cliff_ext.integrations import require
from cliff_ext.io import FrameSource, KeypointFile, load_weights, resolve
from cliff_ext.registry import TASK_UTILS
from cliff_ext.structures import HumanTrack, get_skeleton

REMEDY = "Its address stands in mmpose's model zoo; name your copy with --keypoint-checkpoint"
COCO = 'coco17'


@TASK_UTILS.register_module()
class MMPoseKeypoints:
    """A top-down model of mmpose (RTMPose, HRNet, ViTPose, …) whose joints hold COCO's 17, whole-body models included.

    Args:
        config: File, or ``mmpose::`` name.
        checkpoint: Its weights.
        device: As torch's.

    Raises:
        FileNotFoundError: The config or the checkpoint is missing.
        ValueError: The model's joints lack some of COCO's.
    """

    def __init__(self, config: str, checkpoint: str, device: str = 'cpu') -> None:
        require('mmpose')
        from mmpose.apis import init_model
        cfg = _config(config)
        file = resolve(checkpoint, lambda: REMEDY)
        with DefaultScope.overwrite_default_scope('mmpose'):
            self.model = init_model(cfg, None, device)
        load_weights(self.model, file, extra_ok=True)
        names = {name: i for i, name in self.model.dataset_meta['keypoint_id2name'].items()}
        missing = [name for name in get_skeleton(COCO).joint_names if name not in names]
        if missing:
            raise ValueError(f'{config}: its joints lack {", ".join(missing)} of COCO; take a model of body or whole body')
        self.joints = [names[name] for name in get_skeleton(COCO).joint_names]

    def __call__(self, image: np.ndarray, bboxes: np.ndarray) -> np.ndarray:
        """Keypoints (N, 17, 3) of the people in boxes (N, 4) xyxy of a BGR picture."""
        from mmpose.apis import inference_topdown
        if not len(bboxes):
            return np.zeros((0, len(self.joints), 3), np.float32)
        with DefaultScope.overwrite_default_scope('mmpose'):
            samples = inference_topdown(self.model, image, np.asarray(bboxes, np.float32))
        found = [np.concatenate([sample.pred_instances.keypoints[0], sample.pred_instances.keypoint_scores[0][:, None]], 1)
                 for sample in samples]
        return np.stack(found)[:, self.joints].astype(np.float32)

    def estimate(self, source: FrameSource, tracks: Sequence[HumanTrack]) -> KeypointFile:
        """Keypoints of everybody in all frames of a source, read once; they carry the tracks' identities."""
        rows = [{int(frame): row for row, frame in enumerate(track.frame_ids)} for track in tracks]
        frames, ids, size = {}, {}, None
        for frame, _, image in source:
            here = [i for i in range(len(tracks)) if frame in rows[i]]
            size = image.shape[1], image.shape[0]
            frames[frame] = self(image, np.array([tracks[i].bboxes[rows[i][frame]] for i in here]).reshape(-1, 4))
            ids[frame] = np.array([tracks[i].track_id for i in here], np.int64)
        return KeypointFile(COCO, frames, ids, size)


def _config(name: str) -> Config:
    if '::' not in name:
        if not Path(name).is_file():
            raise FileNotFoundError(f'config of the keypoint model not found: {name}')
        return Config.fromfile(name)
    from mmengine.hub import get_config
    try:
        return get_config(name)
    except (OSError, ValueError, KeyError, AssertionError) as error:
        raise FileNotFoundError(f'config of the keypoint model not found: {name} (package::folder/file.py): '
                                f'{error}') from error
