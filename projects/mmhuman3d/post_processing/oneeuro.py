smooth_cfg = dict(type='cliff_ext.OneEuro', min_cutoff=0.04, beta=0.7)
