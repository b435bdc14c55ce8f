"""What travels with a crop through an estimator, in training and in use."""

from mmengine.structures import BaseDataElement, InstanceData, PixelData


class HumanDataSample(BaseDataElement):
    """One person's crop.

    Meta information of the crop's place, all of the full image in pixels, after augmentation: ``center`` (2,), ``scale``,
    ``image_size`` (width, height), ``focal_length``, ``bbox`` (4,). The principal point is the image's centre.

    Meta information of where the person comes from, written by :class:`cliff_ext.datasets.HumanMeshDataset`:
    ``sample_id`` (``IMAGE_PATH#PERSON``, unique in its data set), ``img_path`` and ``dataset`` (its name) always; ``gender``
    (``'neutral'``, ``'male'`` or ``'female'``: whose body model the SMPL parameters belong to), ``sequence`` (str),
    ``action`` (str), ``frame_id`` (int) and ``eval_skeleton`` where known.

    ``gt_instances``: the truth as far as it is known, one instance, every field a float32 tensor. All of it is in the
    camera of the full image after augmentation (x right, y down, z forward; metres), so that projecting the body gives
    ``keypoints2d``. Fields are always there; those that are not known are zeros (rotations the identity), with a flag of
    0. A batch of any mixture of data sets can therefore be concatenated field by field.

    - ``global_orient`` (1, 3, 3), ``body_pose`` (1, 23, 3, 3): known where ``has_smpl`` (1,) is 1;
    - ``betas`` (1, 10): known where ``has_betas`` (1,) is 1;
    - ``transl`` (1, 3): SMPL's translation, known where ``has_transl`` (1,) is 1;
    - ``keypoints2d`` (1, 49, 3): skeleton ``spin49``; x, y in pixels of the full image (not of the crop), and confidence,
      0 where not known;
    - ``keypoints3d`` (1, 49, 4): skeleton ``spin49``; x, y, z along the camera's axes, from any origin (align the hips
      before comparing), and confidence, 0 where not known; ``has_keypoints3d`` (1,) is 1 where any joint is known;
    - ``keypoints3d_eval`` (1, K, 4): only where an evaluation protocol brings joints of its own, in the skeleton
      ``eval_skeleton``; x, y, z and confidence as above.

    ``gt_surface``: where the data set tells, ``vertex`` (1, h, w) int16, 1 + the vertex of this person that is seen in a
    cell of the crop and 0 for none. It names vertices as they were before the picture was ``mirrored`` (bool, meta
    information).

    ``pred_instances``: one instance with ``global_orient`` (1, 3, 3), ``body_pose`` (1, 23, 3, 3), ``betas`` (1, 10),
    ``crop_cam`` (1, 3), ``transl`` (1, 3) metres in the full camera, ``focal_length`` (1,), ``bboxes`` (1, 4).
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
    def gt_surface(self) -> PixelData:
        return self._gt_surface

    @gt_surface.setter
    def gt_surface(self, value: PixelData) -> None:
        self.set_field(value, '_gt_surface', dtype=PixelData)

    @gt_surface.deleter
    def gt_surface(self) -> None:
        del self._gt_surface

    @property
    def pred_instances(self) -> InstanceData:
        return self._pred_instances

    @pred_instances.setter
    def pred_instances(self, value: InstanceData) -> None:
        self.set_field(value, '_pred_instances', dtype=InstanceData)

    @pred_instances.deleter
    def pred_instances(self) -> None:
        del self._pred_instances
