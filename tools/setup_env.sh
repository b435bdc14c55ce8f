#!/usr/bin/env bash
# Creates a virtual environment with the wheels-only stack, or completes the one that is there.
#
#   tools/setup_env.sh VENV
#
# PYTHON    the interpreter to start from (python3)
# TORCH     the torch requirement, e.g. "torch==2.13.0" or "torch torchvision"
# PIP_ARGS  passed to every `pip install`, e.g. "--index-url URL" for a CPU or another CUDA build of torch
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv=${1:?usage: tools/setup_env.sh VENV}
python=${PYTHON:-python3}
torch=${TORCH:-torch==2.13.0}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || {
    echo "cliff_ext needs Python 3.10 or newer, and $python is $("$python" --version 2>&1). Say: make PYTHON=python3.11 ..." >&2
    exit 1
}
if ! [ -x "$venv/bin/python" ] || ! "$venv/bin/python" -m pip --version > /dev/null 2>&1; then
    echo "== creating $venv"
    "$python" -m venv "$venv" || {
        echo "$python cannot create a virtual environment; on Debian or Ubuntu: apt install python3-venv" >&2
        exit 1
    }
fi
pip_install() {
    # shellcheck disable=SC2086  # PIP_ARGS is a list of words
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check ${PIP_ARGS:-} "$@"
}
echo "== installing $torch and cliff_ext[default] into $venv"
# shellcheck disable=SC2086  # TORCH may name several requirements
pip_install $torch -e ".[default]"
pip_install --no-deps -r requirements/nodeps.txt

if ! "$venv/bin/python" -c 'import cv2' > /dev/null 2>&1; then
    echo "== this system lacks the graphics libraries of opencv-python: taking the headless build"
    version=$("$venv/bin/python" -c 'from importlib.metadata import version; print(version("opencv-python"))')
    pip_install --no-deps --force-reinstall "opencv-python-headless==$version"
    "$venv/bin/python" -c 'import cv2'
fi
