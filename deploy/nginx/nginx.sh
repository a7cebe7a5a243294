#!/bin/sh
# Makes sure that there is an nginx with brotli for the tests of the edge; HALFTONE_NGINX names one elsewhere.
set -eu
{ command -v "${HALFTONE_NGINX:-/usr/sbin/nginx}" >/dev/null && [ -f /usr/lib/nginx/modules/ngx_http_brotli_static_module.so ]; } ||
  "$(dirname "$0")/../embedded/install.sh" "The tests of the edge need nginx" nginx-light libnginx-mod-http-brotli-static
