import torch
from mmengine.structures import InstanceData

from cliff_ext.models import HumanDataPreprocessor
from cliff_ext.structures import HumanDataSample


def test_crops_move_and_samples_stay():
    sample = HumanDataSample()
    sample.gt_instances = InstanceData(betas=torch.zeros(1, 10))
    one = HumanDataPreprocessor(mean=[1., 2., 3.], std=[1., 1., 1.], bgr_to_rgb=True).to('meta')
    listed = dict(inputs=[torch.zeros(3, 4, 4)] * 2, data_samples=[sample] * 2)
    moved = one.cast_data(listed)
    assert {value.device.type for value in moved['inputs']} == {'meta'}
    assert moved['data_samples'][0] is sample and sample.gt_instances.betas.device.type == 'cpu'


def test_stacked_and_listed_crops_come_out_the_same():
    crops = torch.rand(2, 3, 4, 5) * 255
    one = HumanDataPreprocessor(mean=[123., 116., 103.], std=[58., 57., 56.], bgr_to_rgb=True)
    listed, stacked = (one(dict(inputs=inputs, data_samples=[]))['inputs'] for inputs in (list(crops), crops))
    torch.testing.assert_close(listed, stacked)
    torch.testing.assert_close(stacked[:, 0], (crops[:, 2] - 123) / 58)
