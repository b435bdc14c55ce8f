# Every fifth frame is estimated, infill gives the others.
speed_up_cfg = dict(type='cliff_ext.Infill', interval=5, max_gap=30, smooth=True)
