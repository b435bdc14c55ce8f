# The embedded pipeline with a step of one's own. It is imported by name: run with PYTHONPATH=. from the repository's root.
_base_ = ['../../configs/video/demo.py']
custom_imports = dict(imports=['projects.example_project.drop_spikes'])
track_pipeline = [
    dict(type='JoinTracks'),
    dict(type='DropSpikes', max_angle=30.),
    dict(type='Infill', max_gap=30, smooth=True),
    dict(type='RobustBetas'),
]
