#!/bin/sh
# Takes out of a virtual environment what never runs in a container, and compiles what is left: slim.sh VENV
# Run it again after more was installed: only that is looked at then.
set -eu
cd "$1"/lib/python3.11/site-packages

done_before=../../../.slim
if [ ! -e "$done_before" ]; then
  find . -type d -name tests -prune -exec rm -rf {} +
  find . -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.po' -o -name '*.map' \) -delete
  # CuPy compiles for the card that it finds, with its own headers and CUDA's.
  find . -type f \( -name '*.h' -o -name '*.hpp' \) ! -path './cupy/*' ! -path './nvidia/*' -delete
  rm -rf datashader/examples django/contrib/gis pyarrow/include pyarrow/src numpy/_core/include
  # The client of Kubernetes comes twice; the gateway asks the plain one, from a thread.
  rm -rf kubernetes/aio
  # Nothing here is shown in another language than English.
  find . -type d -path '*/locale/*' -name LC_MESSAGES ! -path '*/locale/en*' -prune -exec rm -rf {} +

  # Of the cloud's many services only object storage, and the ways to sign in to it.
  if [ -d botocore/data ]; then
    find botocore/data -mindepth 1 -maxdepth 1 -type d ! -name s3 ! -name sts ! -name sso ! -name sso-oidc -exec rm -rf {} +
  fi
  # Of Arrow no network protocol, and not its own way to object storage: ours is another.
  for part in flight s3; do
    rm -f pyarrow/libarrow_$part.so* pyarrow/libarrow_python_$part.so* pyarrow/_$part*.so
  done
  # Of CUDA's compiler one build; the other, under a name that nothing loads, is a hundred megabytes.
  rm -f nvidia/cuda_nvrtc/lib/*.alt.so*
  # Symbols that only a debugger reads. Libraries that were rewritten for their wheel (*.libs) do not survive it.
  find . -name '*.so' ! -path './*.libs/*' -exec strip --strip-unneeded {} + 2> /dev/null || true
  touch "$done_before"
fi
rm -f ../../../.lock ../../../.gitignore

# The file system is read-only later: what is not compiled now is compiled anew at every start. Hashes of no
# concern to the interpreter instead of times make the files the same in every build.
fresh=$(find . -mindepth 1 -maxdepth 1 \( -type d ! -name '*-info' -o -name '*.py' \) ! -name __pycache__ -exec sh -c '[ -d "$1/__pycache__" ] || echo "$1"' _ {} \;)
# Some packages carry templates and code for other versions, which do not compile.
# shellcheck disable=SC2086
python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash $fresh > /dev/null || true
