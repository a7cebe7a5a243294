#!/usr/bin/env bash
# Writes the Python messages, stubs and type stubs of proto/ into libs/contracts/src (make gen).
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:-libs/contracts/src}
python -m grpc_tools.protoc --proto_path=proto \
  --python_out="$out" --mypy_out=quiet:"$out" proto/halftone/v1/{frame,rows,compute,session}.proto
python -m grpc_tools.protoc --proto_path=proto \
  --grpc_python_out="$out" --mypy_grpc_out=quiet:"$out" proto/halftone/v1/compute.proto
