# As bytetrack.py, with CLIFF on the people that are tracked, and with infill and SynSP at the end of each video.
_base_ = ['./bytetrack.py']
model = dict(
    _delete_=True,
    type='cliff_ext.MeshTracker',
    mot=_base_.model,
    mesh='cliff_ext::cliff/cliff_res18-parts_128x96_synthetic.py',
    mesh_checkpoint='embedded:demo_cliff.pth')
test_evaluator = [
    _base_.test_evaluator,
    dict(
        type='cliff_ext.HumanTrackMetric',
        out_dir='outputs/mmtrack',
        track_pipeline='cliff_ext::video/demo.py',
        min_frames=5,
        fps=30.),
]
