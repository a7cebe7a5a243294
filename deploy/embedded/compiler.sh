#!/bin/sh
# Makes sure that there is a C++ compiler: the tests run the kernels for cards on the host.
set -eu
command -v g++ >/dev/null || command -v clang++ >/dev/null ||
  "$(dirname "$0")/install.sh" "The tests of the kernels for cards need a C++ compiler" g++
