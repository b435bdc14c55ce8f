"""A multi-object tracker of mmdet whose people have bodies."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from mmdet.models.mot import BaseMOTModel
from mmdet.registry import MODELS as MMDET_MODELS
from mmdet.structures import DetDataSample, TrackSampleList
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import DefaultScope
from torch import Tensor

import cliff_ext.datasets.transforms  # noqa: F401  (registers the crop pipeline's transforms)
from cliff_ext.apis.paths import config_file
from cliff_ext.io import load_weights, resolve
from cliff_ext.registry import MODELS
from cliff_ext.structures import HumanDataSample

from .frame import read_frame, scaled_back
from .people import SMPL_SHAPES, TrackedPeople

TRACKER_SCOPES = ('mmdet', 'mmtrack')
REMEDY = "Weights that ship are named embedded:FILE, e.g. mesh_checkpoint='embedded:demo_cliff.pth'"


@MODELS.register_module()
class MeshTracker(BaseMOTModel):
    """Any multi-object tracker of mmdet, and CLIFF on the people that it tracks.

    Detection, association and the trackers' own options stay in ``mot``; what it predicts is left as it is. Checkpoints of
    the tracker alone load as they are, ``model.detector`` and ``model.reid`` are the tracker's.

    ``pred_track_instances`` gets ``global_orient`` (N, 3, 3), ``body_pose`` (N, 23, 3, 3), ``betas`` (N, 10), ``transl``
    (N, 3) metres and ``focal_length`` (N,) pixels, in the camera of the original image (x right, y down, z forward). Rows of
    other classes, and of boxes that leave nothing of a person in the picture, are NaN.

    CLIFF's crops are cut from the original picture, which is read again from ``img_path``; only where there is no file
    (``mmdet.apis.inference_mot``) the tracker's resized input is scaled back. CLIFF is not trained here.

    Args:
        mot: Config of a :class:`mmdet.models.mot.BaseMOTModel`, as ``ByteTrack``, ``OCSORT``, ``StrongSORT``, ``QDTrack``.
        mesh: Config of a :class:`cliff_ext.models.CLIFF`, or a config file that has it as ``model``;
            ``cliff_ext::FOLDER/FILE.py`` for one that ships.
        mesh_checkpoint: CLIFF's weights; ``embedded:FILE`` for those that ship.
        crop_pipeline: From ``img`` and ``bbox`` to CLIFF's input; by default ``test_pipeline`` of the file ``mesh``.
        focal_length: Of the original images, pixels; None takes the diagonal.
        person_label: Which of the tracker's classes is a person.
        batch_size: Most people at a time.
        backend_args: For reading pictures, as mmdet's ``LoadImageFromFile``.

    Raises:
        FileNotFoundError: No such config or weights.
        CheckpointError: Weights of another model.
        TypeError: ``mot`` is no multi-object tracker.
        ValueError: ``mesh`` is a dict and there is no ``crop_pipeline``.
    """

    def __init__(self, mot: dict, mesh: dict | str, mesh_checkpoint: str, crop_pipeline: list[dict] | None = None,
                 focal_length: float | None = None, person_label: int = 0, batch_size: int = 16,
                 backend_args: dict | None = None) -> None:
        with DefaultScope.overwrite_default_scope(_tracker_scope()):
            tracker = MMDET_MODELS.build(mot)
        if not isinstance(tracker, BaseMOTModel):
            raise TypeError(f"MeshTracker: mot must be a multi-object tracker such as dict(type='ByteTrack', ...), got "
                            f'{type(tracker).__name__}')
        super().__init__(data_preprocessor=tracker.data_preprocessor)
        self.mot = tracker
        self.mesh, self.crop_pipeline = _build_mesh(mesh, crop_pipeline)
        load_weights(self.mesh, resolve(mesh_checkpoint, lambda: REMEDY))
        self.mesh.requires_grad_(False).eval()
        self.focal_length = focal_length
        self.person_label = person_label
        self.batch_size = batch_size
        self.backend_args = backend_args

    def __getattr__(self, name: str) -> Any:
        """What the tracker has is found here too: ``detector``, ``reid``, ``tracker``."""
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name == 'mot':
                raise
            return getattr(self.mot, name)

    def init_weights(self) -> None:
        """The tracker's; CLIFF has its weights."""
        self.mot.init_weights()

    def train(self, mode: bool = True) -> MeshTracker:
        """Trains the tracker alone."""
        super().train(mode)
        self.mesh.eval()
        return self

    def loss(self, inputs: Tensor, data_samples: TrackSampleList, **kwargs: Any) -> dict:
        """The tracker's."""
        return self.mot.loss(inputs, data_samples, **kwargs)

    def predict(self, inputs: Tensor, data_samples: TrackSampleList, **kwargs: Any) -> TrackSampleList:
        """The tracker's predictions, with bodies."""
        videos = self.mot.predict(inputs, data_samples, **kwargs)
        for frames, video in zip(inputs, videos, strict=True):
            for frame, sample in zip(frames, video.video_data_samples, strict=True):
                self.add_meshes(frame, sample)
        return videos

    @torch.no_grad()
    def add_meshes(self, inputs: Tensor, sample: DetDataSample) -> None:
        """Estimates the bodies of everybody in a frame's ``pred_track_instances``.

        Args:
            inputs: (3, h, w), what the tracker saw.
            sample: Gets the bodies.
        """
        instances = sample.pred_track_instances
        people = TrackedPeople.of(instances)
        device = next(self.mesh.parameters()).device
        fields = {name: torch.full((len(people), *shape), torch.nan, device=device) for name, shape in SMPL_SHAPES.items()}
        rows, bboxes = people.seen(self.person_label, sample.ori_shape[1::-1])
        if len(rows):
            from_file = sample.get('img_path') is not None
            picture = (read_frame(sample, self.backend_args) if from_file else
                       scaled_back(inputs, sample, self.data_preprocessor))
            estimates = self.estimate(picture, bboxes)
            for name, field in fields.items():
                field[rows] = torch.cat([estimate.pred_instances[name] for estimate in estimates]).float()
        for name, field in fields.items():
            instances.set_field(field, name)

    def estimate(self, picture: np.ndarray, bboxes: np.ndarray) -> list[HumanDataSample]:
        """CLIFF's predictions for boxes (N, 4) xyxy of a picture (H, W, 3), BGR."""
        crops = [self.crop_pipeline(dict(img=picture, bbox=bbox, focal_length=self.focal_length)) for bbox in bboxes]
        batches = (crops[i:i + self.batch_size] for i in range(0, len(crops), self.batch_size))
        with torch.autocast(next(self.mesh.parameters()).device.type, enabled=False):
            return [sample for batch in batches for sample in self.mesh.test_step(pseudo_collate(batch))]

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args: Any) -> None:
        """Takes a checkpoint of the tracker alone as well; CLIFF keeps its weights then."""
        if prefix == '' and not any(name.startswith('mot.') for name in state_dict):
            for name in [name for name in state_dict if not name.startswith(('mesh.', 'data_preprocessor.'))]:
                state_dict[f'mot.{name}'] = state_dict.pop(name)
        if prefix == '' and not any(name.startswith('mesh.') for name in state_dict):
            state_dict.update({f'mesh.{name}': value for name, value in self.mesh.state_dict().items()})
        super()._load_from_state_dict(state_dict, prefix, *args)


def _tracker_scope() -> str:
    """Where a tracker's plain type names are looked up: in the config's scope where that has trackers."""
    current = DefaultScope.get_current_instance()
    return current.scope_name if current is not None and current.scope_name in TRACKER_SCOPES else 'mmdet'


def _build_mesh(mesh: dict | str, crop_pipeline: list[dict] | None) -> tuple[torch.nn.Module, Compose]:
    """CLIFF without its loss, and what cuts its crops."""
    config = dict(model=mesh) if isinstance(mesh, dict) else Config.fromfile(config_file(mesh))
    steps = crop_pipeline or config.get('test_pipeline')
    if not steps:
        raise ValueError("MeshTracker: mesh=dict(...) needs crop_pipeline=[dict(type='FullFrameCrop', output_size=...), "
                         "dict(type='PackHumanInputs')] with the width and height that CLIFF was trained on")
    model = {name: value for name, value in config['model'].items() if name != 'loss'}
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        return MODELS.build(model), Compose(steps)
