# A small CLIFF for crops of 128 x 96: ResNet-18 at three quarters of its width, attention to each joint on a map whose cells see
# each other, and a head that compares its body with the joints' heat maps.
model = dict(
    type='CLIFF',
    data_preprocessor=dict(type='cliff_ext.HumanDataPreprocessor', mean=[127., 127., 127.], std=[128., 128., 128.],
                           bgr_to_rgb=True),
    backbone=dict(type='mmdet.ResNet', depth=18, base_channels=48, out_indices=(0, 1, 2, 3), norm_eval=False),
    neck=dict(type='PartAttention', in_channels=(48, 96, 192, 384), map_size=(24, 32), relations=4, with_maps=True),
    head=dict(type='FeedbackHead', in_channels=3120, map_size=(24, 32), blocks=5))
test_pipeline = [dict(type='FullFrameCrop', output_size=(96, 128)), dict(type='PackHumanInputs')]
