#!/bin/sh
# Makes sure that there is an nginx with brotli for the tests of the edge; HALFTONE_NGINX names one elsewhere.
set -eu
modules=/usr/lib/nginx/modules
if command -v "${HALFTONE_NGINX:-/usr/sbin/nginx}" >/dev/null && [ -f "$modules/ngx_http_brotli_static_module.so" ]; then
  exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing nginx ..."
  # The package would start a server of its own; the tests start theirs.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod +x "$policy"
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nginx-light libnginx-mod-http-brotli-static >/dev/null
else
  echo "The tests of the edge need nginx: sudo apt-get install nginx-light libnginx-mod-http-brotli-static" >&2
  exit 1
fi
