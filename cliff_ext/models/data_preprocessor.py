"""What happens to a batch between the data loader and the network."""

from __future__ import annotations

from typing import Any

from mmengine.model import ImgDataPreprocessor

from cliff_ext.registry import MODELS


@MODELS.register_module()
class HumanDataPreprocessor(ImgDataPreprocessor):
    """Moves crops to the device and normalises them there, as MMEngine's does, and leaves data samples on the CPU.

    A sample holds a dozen small tensors; moving them one by one takes longer than a training step has. A loss gathers each
    field of the batch into one tensor and moves that.
    """

    def cast_data(self, data: Any) -> Any:
        """Moves everything of a batch but its data samples."""
        if isinstance(data, dict):
            return {name: value if name == 'data_samples' else super(HumanDataPreprocessor, self).cast_data(value)
                    for name, value in data.items()}
        return super().cast_data(data)
