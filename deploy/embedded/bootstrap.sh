#!/bin/sh
# Installs the pinned uv into .tools/uv, needing only Python >= 3.11, and notes that Python in .tools/python.
set -eu
cd "$(dirname "$0")/../.."
requirements=deploy/embedded/uv.txt

recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if path=$(command -v "$candidate") && recent "$path"; then
      echo "$path"
      return
    fi
  done
  echo "Halftone needs Python 3.11 or newer, and found none (tried python3, python3.13, python3.12, python3.11)." >&2
  echo "Install one (Debian, Ubuntu: apt-get install python3), or name it: make up PYTHON=/path/to/python3" >&2
  return 1
}

# Debian splits venv from Python; a pip alone is enough as well.
find_installer() {
  if "$1" -c 'import ensurepip, venv' 2>/dev/null; then
    echo venv
  elif "$1" -m pip --version >/dev/null 2>&1; then
    echo pip
  elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    apt-get install -y -qq python3-venv >/dev/null
    echo venv
  else
    echo "Python at $1 has neither venv nor pip. Install one: sudo apt-get install python3-venv" >&2
    return 1
  fi
}

python=$(find_python)
if ! .tools/uv/bin/uv --version 2>/dev/null | grep -q "^$(sed -n 's/==/ /; s/ \\$//; /^uv /p' $requirements)\( \|$\)"; then
  installer=$(find_installer "$python")
  echo "Installing uv into .tools/uv ..."
  rm -rf .tools/uv
  options="install --quiet --no-cache-dir --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r $requirements"
  if [ "$installer" = venv ]; then
    "$python" -m venv .tools/uv
    .tools/uv/bin/python -m pip $options
  else
    "$python" -m pip $options --target .tools/uv
  fi
fi
mkdir -p .tools
"$python" -c 'import sys; print(sys.executable)' > .tools/python
