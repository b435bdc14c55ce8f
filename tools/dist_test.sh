#!/usr/bin/env bash
# Tests on several GPUs of one or more machines: tools/dist_test.sh CONFIG GPUS [--checkpoint FILE] [options of test.py]
# More machines: NNODES=2 NODE_RANK=0 MASTER_ADDR=host tools/dist_test.sh …
set -euo pipefail
CONFIG=$1
GPUS=$2
exec "${PYTHON:-python}" -m torch.distributed.run --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" \
    --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="${PORT:-29500}" --nproc_per_node="$GPUS" \
    "$(dirname "$0")/test.py" "$CONFIG" --launcher pytorch "${@:3}"
