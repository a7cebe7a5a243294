#!/bin/sh
# Makes sure that there is a promtool for the tests of the alerts; without it, and without root, those tests skip.
set -eu
command -v promtool >/dev/null ||
  "$(dirname "$0")/../../deploy/embedded/install.sh" "Alerts are not seen to fire; to see it" prometheus || true
