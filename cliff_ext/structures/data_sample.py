"""What travels with a crop through an estimator."""

from mmengine.structures import BaseDataElement, InstanceData


class HumanDataSample(BaseDataElement):
    """One person's crop.

    Meta information: ``center`` (2,), ``scale``, ``image_size`` (width, height), ``focal_length``, all of the full image
    in pixels; ``bbox`` (4,).

    ``pred_instances``: one instance with ``global_orient`` (1, 3, 3), ``body_pose`` (1, 23, 3, 3), ``betas`` (1, 10),
    ``crop_cam`` (1, 3), ``transl`` (1, 3) metres in the full camera, ``focal_length`` (1,), ``bboxes`` (1, 4).
    """

    @property
    def pred_instances(self) -> InstanceData:
        return self._pred_instances

    @pred_instances.setter
    def pred_instances(self, value: InstanceData) -> None:
        self.set_field(value, '_pred_instances', dtype=InstanceData)

    @pred_instances.deleter
    def pred_instances(self) -> None:
        del self._pred_instances
