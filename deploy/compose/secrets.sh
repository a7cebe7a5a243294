#!/bin/sh
# Makes the .env beside compose.yaml: every secret of an installation, at random, readable by you alone.
# What is there already stays; a new release that needs one more secret gets that one.
set -eu
umask 077
cd "$(dirname "$0")"
touch .env
chmod 600 .env

# make NAME LENGTH: letters and digits, which need no quoting in an address.
make() {
  if ! grep -q "^$1=" .env; then
    value=$(head -c 4096 /dev/urandom | LC_ALL=C tr -dc 'A-Za-z0-9' | head -c "$2")
    printf '%s=%s\n' "$1" "$value" >> .env
    made="${made:-} $1"
  fi
}

make HALFTONE_SECRET_KEY 64
make HALFTONE_SERVICE_TOKEN 48
make HALFTONE_ADMIN_PASSWORD 20
make HALFTONE_DATABASE_PASSWORD 32
make HALFTONE_REDIS_PASSWORD 32
make HALFTONE_S3_ACCESS_KEY 20
make HALFTONE_S3_SECRET_KEY 40
echo "In $(pwd)/.env:${made:- nothing new}"
