#!/bin/sh
# Writes what each image holds beside Debian's packages, from the locks, as CycloneDX: sbom.sh [FOLDER]
set -eu
cd "$(dirname "$0")/../.."
out=${1:-dist/sbom}
mkdir -p "$out"

python_packages() {
  name=$1
  shift
  .tools/uv/bin/uv export --quiet --preview-features sbom-export --frozen --no-dev --format cyclonedx1.5 \
    --output-file "$out/halftone-$name.cdx.json" "$@" > /dev/null
}

python_packages auth --package halftone-auth
python_packages gateway --package halftone-gateway
python_packages compute-cpu --package halftone-compute
python_packages compute-cuda12 --package halftone-compute --extra gpu
(cd frontend && npm sbom --package-lock-only --omit dev --sbom-format cyclonedx) > "$out/halftone-web.cdx.json"
