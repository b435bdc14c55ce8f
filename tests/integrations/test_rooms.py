"""Which rooms import which packages: those that also run beside mmcv 1.x need neither mmcv nor mmdet."""

import subprocess
import sys
import textwrap

BLOCK = """
    import sys

    class Block:
        def find_spec(self, name, path=None, target=None):
            if name.partition('.')[0] in ('mmcv', 'mmdet', 'mmpose'):
                raise ModuleNotFoundError(f'No module named {name!r}', name=name)

    sys.meta_path.insert(0, Block())
"""


def python(repo_root, code):
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', textwrap.dedent(BLOCK) + textwrap.dedent(code)],
                          cwd=repo_root, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_rooms_run_without_mmcv_and_mmdet(repo_root):
    lines = python(repo_root, """
        import torch
        import cliff_ext.geometry, cliff_ext.structures, cliff_ext.io, cliff_ext.body_models
        import cliff_ext.evaluation.functional, cliff_ext.evaluation.metrics
        from cliff_ext.registry import MODELS, TRACK_TRANSFORMS
        head = MODELS.build(dict(type='CLIFFHead', in_channels=8, act_cfg=dict(type='ReLU')))
        print(head(torch.zeros(1, 8), torch.zeros(1, 3)).betas.shape)
        refiner = MODELS.build(dict(type='SynSP', window_size=8, in_channels=6, embed_dims=8, num_layers=1))
        print(refiner(torch.zeros(1, 8, 6)).refined.shape)
        print(type(TRACK_TRANSFORMS.build(dict(type='LearnedRefine', model=refiner))).__name__)
        from cliff_ext.models import fuse_for_inference
        net = torch.nn.Module()
        net.backbone = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4)).eval()
        print(fuse_for_inference(net).backbone(torch.zeros(1, 3, 8, 8)).shape)
    """)
    assert lines == ['torch.Size([1, 10])', 'torch.Size([1, 8, 6])', 'LearnedRefine', 'torch.Size([1, 4, 6, 6])']


def test_the_one_model_that_needs_mmdet_asks_for_it(repo_root):
    lines = python(repo_root, """
        from cliff_ext.registry import MODELS
        for ask in (lambda: MODELS.build(dict(type='ClsHRNet')), lambda: __import__('cliff_ext.models').models.ClsHRNet):
            try:
                ask()
            except Exception as error:
                print(error)
    """)
    assert lines == ["No module named 'mmdet.models'"] * 2 or lines == ["No module named 'mmdet'"] * 2
