#!/usr/bin/env bash
# Writes the TypeScript messages of proto/ into frontend/src/gen (make gen).
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-frontend/src/gen}
mkdir -p "$out"
python -m grpc_tools.protoc --proto_path=proto \
  --plugin=protoc-gen-es=frontend/node_modules/.bin/protoc-gen-es \
  --es_out="$out" --es_opt=target=ts,erasable_syntax=true proto/halftone/v1/{frame,rows,compute,session}.proto
