model = dict(
    type='CLIFF',
    data_preprocessor=dict(
        type='cliff_ext.HumanDataPreprocessor', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], bgr_to_rgb=True),
    backbone=dict(type='mmdet.ResNet', depth=50, out_indices=(3, ), style='pytorch'),
    neck=dict(type='GlobalPool'),
    head=dict(type='CLIFFHead', in_channels=2048))
test_pipeline = [dict(type='FullFrameCrop', output_size=(192, 256)), dict(type='PackHumanInputs')]
