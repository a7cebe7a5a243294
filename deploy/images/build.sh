#!/bin/sh
# Builds the images of Halftone, or those named: REGISTRY=registry/path TAG=tag [PUSH=1] build.sh [NAME...]
# BUILDER chooses among buildah, docker and podman; BUILD_OPTIONS is handed to it; BASE_IMAGE replaces Debian's slim one.
set -eu
cd "$(dirname "$0")/../.."

find_builder() {
  for candidate in ${BUILDER:-buildah docker podman}; do
    if command -v "$candidate" >/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo "Building images needs buildah, docker or podman. Debian, Ubuntu: sudo apt-get install buildah" >&2
  return 1
}

dockerfile() {
  case $1 in
    auth) echo services/auth-django/Dockerfile ;;
    gateway) echo services/gateway-fastapi/Dockerfile ;;
    compute-cpu | compute-cuda12) echo services/compute-grpc/Dockerfile ;;
    web) echo frontend/Dockerfile ;;
    *) echo "There is no image $1: auth, gateway, compute-cpu, compute-cuda12, web." >&2 && return 1 ;;
  esac
}

build() {
  file=$(dockerfile "$1")
  set -- "$1" -f "$file" -t "${REGISTRY:+$REGISTRY/}halftone-$1:$tag" \
    --build-arg "VERSION=$version" --build-arg "REVISION=$revision" ${BASE_IMAGE:+--build-arg "BASE_IMAGE=$BASE_IMAGE"}
  case $1 in compute-*) set -- "$@" --target "${1#compute-}" ;; esac
  shift
  # Files get the time of the source, so that the same source makes the same image.
  case $builder in
    # shellcheck disable=SC2086
    docker) DOCKER_BUILDKIT=1 docker build --build-arg "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH" ${BUILD_OPTIONS:-} "$@" . ;;
    # shellcheck disable=SC2086
    *) "$builder" build --layers --timestamp "$SOURCE_DATE_EPOCH" ${BUILD_OPTIONS:-} "$@" . ;;
  esac
}

builder=$(find_builder)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml | head -n 1)
tag=${TAG:-$version}
revision=${REVISION:-$(git rev-parse HEAD 2>/dev/null || echo unknown)}
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}"

for name in ${*:-auth gateway compute-cpu compute-cuda12 web}; do
  echo "Building halftone-$name ..."
  build "$name"
  if [ -n "${PUSH:-}" ]; then
    "$builder" push "${REGISTRY:?PUSH=1 needs REGISTRY}/halftone-$name:$tag"
  fi
done
