# The annotator's fine-tuning, on the data set's 2D keypoints and the network's own first predictions.
train_dataloader = dict(batch_size=64, num_workers=4, sampler=dict(type='DefaultSampler', shuffle=True))
train_cfg = dict(by_epoch=True, max_epochs=20)
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=5e-5), clip_grad=dict(max_norm=1.))
default_hooks = dict(
    logger=dict(type='LoggerHook', interval=20), checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=1))
custom_hooks = [dict(type='KeepEvalModeHook'), dict(type='EpochSeedHook'), dict(type='NonFiniteLossHook')]
randomness = dict(seed=0)
