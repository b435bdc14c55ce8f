# As demo.py without infill and refinement: CLIFF's own estimates of each frame.
_base_ = ['./demo.py']
track_pipeline = [dict(type='JoinTracks')]
