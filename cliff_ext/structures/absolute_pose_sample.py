"""What travels with a patch through RootNet and PoseNet."""

from mmengine.structures import BaseDataElement, InstanceData


class AbsolutePoseSample(BaseDataElement):
    """One person's patch, whose root and joints are wanted in the full camera. Lengths in metres.

    Meta information: ``bbox`` (4,) xyxy of the patch in pixels of the full image, ``focal_length`` (2,) and
    ``principal_point`` (2,) in pixels, ``image_size`` (width, height); ``root_depth``, where it is known, how far away the
    root is (PoseNet's ``predict`` needs it). Of a data set also ``img_path``, ``image_id``, ``score`` and, where known,
    ``action`` and ``sequence``.

    ``gt_instances``: one instance.

    - ``keypoints_patch`` (1, K, 3): x, y as fractions of the patch after augmentation, z from the root;
    - ``keypoints_visible`` (1, K): 0 where not known or out of the patch;
    - ``root_patch`` (1, 3): x, y as fractions of the patch, z from the camera; ``root_visible`` (1,);
    - ``has_depth`` (1,): 0 where every z is unknown;
    - ``keypoints3d`` (1, K, 3) and ``root3d`` (1, 3): in the camera's frame, without augmentation, NaN where unknown.

    ``pred_instances``: one instance.

    - of RootNet: ``root2d`` (1, 2) pixels of the full image, ``root3d`` (1, 3), ``gamma`` (1,); with a mask head also
      ``masks`` (1, 2, h, w), how likely each cell of the patch shows the person, and is covered by the whole body;
    - of PoseNet: ``keypoints2d`` (1, K, 2) pixels of the full image, ``keypoints3d`` (1, K, 3).
    """

    @property
    def gt_instances(self) -> InstanceData:
        return self._gt_instances

    @gt_instances.setter
    def gt_instances(self, value: InstanceData) -> None:
        self.set_field(value, '_gt_instances', dtype=InstanceData)

    @gt_instances.deleter
    def gt_instances(self) -> None:
        del self._gt_instances

    @property
    def pred_instances(self) -> InstanceData:
        return self._pred_instances

    @pred_instances.setter
    def pred_instances(self, value: InstanceData) -> None:
        self.set_field(value, '_pred_instances', dtype=InstanceData)

    @pred_instances.deleter
    def pred_instances(self) -> None:
        del self._pred_instances
