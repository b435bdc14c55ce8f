"""mmpose's inferencers with a track pipeline behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cliff_ext.integrations.packages import require

from .refinement import Steps, build_steps
from .results import Result, refine_results
from .skeletons import skeleton_of

DRAWING = ('show', 'return_vis', 'vis_out_dir', 'pred_out_dir', 'out_dir')


class RefinedInferencer:
    """Any of mmpose's body inferencers, 2D or 3D; called as it is, it yields the same results, refined over the film.

    Args:
        inferencer: ``MMPoseInferencer``, ``Pose2DInferencer`` or ``Pose3DInferencer``.
        track_pipeline: As ``[dict(type='Infill'), dict(type='Gaussian1D', sigma=2.)]``, a config that has one, or a file.
        skeleton: Name of its keypoints' convention; by default what its model's data set says.
        device: As torch's, for networks of the pipeline.

    Raises:
        PackageError: No mmpose, or another version.
        ValueError: An inferencer without a model, or keypoints that no skeleton of ours has.

    Example:
        >>> steps = [dict(type='Infill'), dict(type='Gaussian1D', sigma=2.)]
        >>> for result in RefinedInferencer(MMPoseInferencer('human'), steps)('film.mp4'):  # doctest: +SKIP
        ...     print(result['predictions'])
    """

    def __init__(self, inferencer: Any, track_pipeline: Steps, skeleton: str | None = None, device: str = 'cpu') -> None:
        require('mmpose')
        self.inferencer = inferencer
        self.body = getattr(inferencer, 'inferencer', inferencer)  # MMPoseInferencer holds the one that works
        if not hasattr(self.body, 'model'):
            raise ValueError('RefinedInferencer wants MMPoseInferencer, Pose2DInferencer or Pose3DInferencer of mmpose, got '
                             f'{type(inferencer).__name__}')
        self.skeleton = skeleton or skeleton_of(self.body.model.dataset_meta)
        self.pipeline = build_steps(track_pipeline, device)

    def __call__(self, inputs: Any, return_datasamples: bool = False, **kwargs: Any) -> Iterator[Result]:
        """One result a frame, in order; the first one comes when the film has been read.

        Args:
            inputs: A film, or a folder or list of its frames in order.
            return_datasamples: Give data samples, not dicts.
            **kwargs: As the inferencer's.

        Raises:
            ValueError: It is told to draw or write, which would show what is not refined yet.
        """
        asked = [name for name in DRAWING if kwargs.get(name)]
        if asked:
            raise ValueError(f'RefinedInferencer does not take {", ".join(asked)}: the inferencer would draw and write what '
                             'is not refined yet. Draw the results with its visualizer.add_datasample')
        found = [self._boxed(result) for result in self.inferencer(inputs, return_datasamples=True, **kwargs)]
        for result in refine_results(found, self.pipeline, self.skeleton):
            yield result if return_datasamples else _plain(result)

    def _boxed(self, result: Result) -> Result:
        """Gives lifted people the boxes of the 2D people they were lifted from, to tell them apart by.

        Their identities there are of no use: Pose3DInferencer gives everybody a new one in each frame (mmpose pull request
        3200). What it lifted last can only be read from its buffer, and only now.
        """
        lifted = getattr(self.body, '_buffer', {}).get('pose_est_results_list')
        samples = result['predictions']
        if not lifted or not samples or 'pred_instances' not in samples[0]:
            return result
        people = sorted(lifted[-1], key=lambda sample: sample.get('track_id', 1e4))  # as it sorts the lifted people
        instances = samples[0].pred_instances
        if len(people) == len(instances):
            for name in ('bboxes', 'bbox_scores'):
                setattr(instances, name, np.concatenate([sample.pred_instances[name] for sample in people]))
        return result


def _plain(result: Result) -> Result:
    """Data samples as mmpose's dicts."""
    from mmpose.structures import split_instances
    frames = []
    for sample in result['predictions']:
        instances = sample.get('pred_instances')
        people = split_instances(instances) if instances is not None and len(instances) else []
        for i, person in enumerate(people):
            person.update(track_id=int(instances.track_ids[i]), filled=bool(instances.filled[i]))
        frames.append(people)
    return {**result, 'predictions': frames}
