# For the legs: one virtual environment each, made once and kept until what it is made from changes.
#
#   leg_env NAME SETUP FILE...   runs the function SETUP with `$venv` set, unless .venv-NAME is newer than all FILEs
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

leg_env() {
    local setup=$2 file
    venv=.venv-$1
    shift 2
    for file in "$@"; do
        if ! [ "$venv/.installed" -nt "$file" ]; then
            echo "== $venv: making it"
            "$setup"
            touch "$venv/.installed"
            return
        fi
    done
    echo "== $venv: as it is"
}

pip_install() {
    # shellcheck disable=SC2086  # PIP_ARGS is a list of words
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check ${PIP_ARGS:-} "$@"
}

# The short film that ships, through detector, tracker, CLIFF, infill and SynSP, and its figures against the truth.
short_inference() {
    "$venv/bin/python" -W ignore tools/inference.py cliff_ext/zoo/demo_clip.mp4 --render none --out-dir "$venv/demo"
    "$venv/bin/python" -W ignore tools/analysis_tools/evaluate_tracks.py "$venv/demo/tracks.npz" \
        cliff_ext/zoo/demo_clip_truth.npz
}

run_tests() {
    "$venv/bin/python" -m pytest -n 2 -q -rs "$@"
}
