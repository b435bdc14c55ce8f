smooth_cfg = dict(type='cliff_ext.Gaussian1D', sigma=2.)
