#!/bin/sh
# Makes sure that there are a PostgreSQL and a Redis for the tests; without them, and without root, those tests skip.
set -eu
set --
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null || set -- postgresql
command -v redis-server >/dev/null || command -v valkey-server >/dev/null || set -- "$@" redis-server
[ $# = 0 ] || "$(dirname "$0")/install.sh" "Tests on PostgreSQL and Redis are skipped; to run them" "$@" || true
