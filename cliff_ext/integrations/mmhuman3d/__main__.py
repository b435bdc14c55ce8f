"""Runs a script of mmhuman3d where PyTorch3D is not installed, after what it would miss has been made up for.

    python -m cliff_ext.integrations.mmhuman3d MMHUMAN3D/tools/test.py CONFIG CHECKPOINT --work-dir DIR --device cpu
"""

import runpy
import sys
from pathlib import Path

import cliff_ext.integrations.mmhuman3d  # noqa: F401

if len(sys.argv) < 2 or not Path(sys.argv[1]).is_file():
    sys.exit(f'{__doc__}\nnot found: {" ".join(sys.argv[1:2]) or "the script"}')
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name='__main__')
