#!/bin/sh
# Installs Debian's packages for tests, as root. For other users it prints the command and exits with status 1: install.sh "What for" PACKAGE...
set -eu
what=$1
shift
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "$what: sudo apt-get install $*" >&2
  exit 1
fi
echo "Installing $* ..."
# Packages of servers would start them; the tests start their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod +x "$policy"
fi
# A mirror may not answer at once.
again=Acquire::Retries=3
apt-get update -qq -o "$again"
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o "$again" "$@" >/dev/null
