smooth_cfg = dict(type='cliff_ext.SavitzkyGolay', window=11, order=2)
