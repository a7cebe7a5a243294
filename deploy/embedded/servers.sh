#!/bin/sh
# Makes sure that there are a PostgreSQL and a Redis for the tests; without them, and without root, those tests skip.
set -eu
missing=
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null || missing=postgresql
command -v redis-server >/dev/null || command -v valkey-server >/dev/null || missing="$missing redis-server"
if [ -z "$missing" ]; then
  exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing $missing for the tests ..."
  # The packages would start servers of their own; the tests start theirs.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod +x "$policy"
  fi
  apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
  echo "Tests on PostgreSQL and Redis are skipped; to run them: sudo apt-get install $missing" >&2
fi
