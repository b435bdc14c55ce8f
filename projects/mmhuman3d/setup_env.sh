#!/usr/bin/env bash
# Creates a virtual environment with mmhuman3d 0.11 on mmcv 1.x and cliff_ext in it, or completes the one that is there.
#
#   projects/mmhuman3d/setup_env.sh VENV
#
# PYTHON, TORCH and PIP_ARGS as for tools/setup_env.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

venv=${1:?usage: projects/mmhuman3d/setup_env.sh VENV}
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 12))' || {
    echo "mmhuman3d 0.11 needs numpy < 1.24, so Python 3.10 or 3.11, and $python is $("$python" --version 2>&1). Say: PYTHON=python3.11 $0 $1" >&2
    exit 1
}
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
pip_install() {
    # shellcheck disable=SC2086  # PIP_ARGS is a list of words
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check ${PIP_ARGS:-} "$@"
}
echo "== installing mmhuman3d, mmcv 1.x and cliff_ext into $venv"
# shellcheck disable=SC2086  # TORCH may name several requirements
pip_install ${TORCH:-torch==2.13.0} -r projects/mmhuman3d/requirements.txt
pip_install --no-build-isolation --no-deps mmcv==1.6.1
pip_install --no-deps mmhuman3d==0.11.0 "mmengine>=0.10.4,<1" -e .
