#!/bin/sh
# Makes sure that there is a Chromium for the tests that drive a browser; HALFTONE_CHROMIUM names one elsewhere.
set -eu
command -v "${HALFTONE_CHROMIUM:-/usr/bin/chromium}" >/dev/null ||
  "$(dirname "$0")/install.sh" "The browser tests need Chromium (or HALFTONE_CHROMIUM=/path/to/chromium)" chromium
