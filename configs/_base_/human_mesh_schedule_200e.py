# CLIFF's schedule: Adam, 256 people a step, learning rate a tenth in the second half. 200 epochs of SPIN's length are its
# 244 thousand steps.
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-4))
param_scheduler = [dict(type='MultiStepLR', milestones=[100], gamma=0.1, by_epoch=True)]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=200, val_interval=5)
auto_scale_lr = dict(base_batch_size=256)
# Options:
#   mixed precision                 tools/train.py --amp
#   gradient clipping               optim_wrapper = dict(clip_grad=dict(max_norm=1.))
#   averaged weights                custom_hooks += [dict(type='EMAHook', momentum=0.0002, update_buffers=True)]
#   batch norm over all processes   sync_bn = 'torch'
#   torch.compile                   custom_hooks += [dict(type='CompileHook')]
