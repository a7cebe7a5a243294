#!/bin/sh
# Makes sure that there is a Chromium for the tests that drive a browser; HALFTONE_CHROMIUM names one elsewhere.
set -eu
if command -v "${HALFTONE_CHROMIUM:-/usr/bin/chromium}" >/dev/null; then
  exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing Chromium ..."
  apt-get update -qq
  apt-get install -y -qq chromium >/dev/null
else
  echo "The browser tests need Chromium: sudo apt-get install chromium (or HALFTONE_CHROMIUM=/path/to/chromium)" >&2
  exit 1
fi
