{{/* Configuration that is mounted as files, here so that a pod template can carry its checksum. */}}

{{/* What deploy/nginx/nginx.conf leaves to the installation. An address of a Service lasts as long as the Service, so
     it is looked up once; that pods behind it are away does not keep nginx from starting. */}}
{{- define "halftone.web.site" -}}
{{- $name := include "halftone.fullname" . -}}
upstream auth { server {{ $name }}-auth:8000; }
upstream gateway { server {{ $name }}-gateway:8001; }
map "" $halftone_auth { default auth; }
map "" $halftone_gateway { default gateway; }
geo $halftone_trusted {
  default 0;
  {{- range .Values.trustedProxies }}
  {{ . }} 1;
  {{- end }}
}
# The largest upload, and the form around it.
client_max_body_size {{ add (include "halftone.bytes" .Values.auth.uploadMax | int64) 1048576 }};
map "" $halftone_log { default 0; }
{{- end -}}

{{- define "halftone.valkey.conf" -}}
# Broker and bus: nothing may be thrown away, and a restart loses at most a second.
port 6379
protected-mode no
dir /data
save ""
appendonly yes
appendfsync everysec
maxmemory {{ include "halftone.bytes" .Values.redis.embedded.maxMemory }}
maxmemory-policy noeviction
{{- end -}}

{{- define "halftone.valkeyCache.conf" -}}
# A cache: what was not asked for lately makes room, and a restart starts empty.
port 6379
protected-mode no
dir /data
save ""
appendonly no
maxmemory {{ include "halftone.bytes" .Values.redis.embedded.cacheMaxMemory }}
maxmemory-policy allkeys-lru
{{- end -}}

{{/* Any image with a shell and the server on its path will do. The password never shows in a list of processes. */}}
{{- define "halftone.valkey.start" -}}
set -eu
umask 077
{ cat /etc/halftone/valkey.conf; printf 'requirepass "%s"\n' "$(sed 's/["\\]/\\&/g' /run/halftone/redis/password)"; } > /tmp/valkey.conf
exec "$(command -v valkey-server || command -v redis-server)" /tmp/valkey.conf
{{- end -}}

{{- define "halftone.valkey.ready" -}}
set -eu
REDISCLI_AUTH="$(cat /run/halftone/redis/password)"
export REDISCLI_AUTH
[ "$("$(command -v valkey-cli || command -v redis-cli)" ping)" = PONG ]
{{- end -}}

{{/* Programs of Postgres are on the path in some images and under its version in others. */}}
{{- define "halftone.postgres.path" -}}
for folder in /usr/lib/postgresql/*/bin; do
  if [ -d "$folder" ]; then PATH="$folder:$PATH"; fi
done
export PATH
{{- end -}}

{{/* initdb wants a name for the user that runs it. A platform that chooses the user names it by itself. */}}
{{- define "halftone.postgres.passwd" -}}
root:x:0:0:root:/root:/bin/sh
halftone:x:{{ .Values.runAsUser | int64 }}:{{ .Values.runAsUser | int64 }}:halftone:/tmp:/bin/sh
{{- end -}}

{{- define "halftone.postgres.start" -}}
set -eu
. /etc/halftone/path.sh
# At SIGTERM Postgres waits until every client has disconnected; pooled connections never do.
server= ended=
trap 'ended=1; [ -z "$server" ] || kill -INT "$server"' TERM INT
data=/var/lib/postgresql/data/pgdata
if [ ! -s "$data/PG_VERSION" ]; then
  # Made aside and renamed, so that an end in the middle leaves nothing that looks finished.
  new="$data.new"
  rm -rf "$new"
  initdb --pgdata="$new" --username=halftone --pwfile=/run/halftone/database/password \
    --auth-host=scram-sha-256 --auth-local=trust --encoding=UTF8 --locale=C.UTF-8
  printf 'host all all all scram-sha-256\n' >> "$new/pg_hba.conf"
  printf 'CREATE DATABASE halftone;\n' | postgres --single -D "$new" postgres
  mv "$new" "$data"
fi
# A volume that was given to a group may be so deep down, and Postgres refuses a folder that the group may write to.
chmod 0700 "$data"
[ -z "$ended" ] || exit 0
postgres -D "$data" -c 'listen_addresses=*' -c unix_socket_directories=/tmp \
  -c max_connections={{ .Values.database.embedded.maxConnections }} -c shared_buffers={{ div (include "halftone.bytes" .Values.database.embedded.sharedBuffers | int64) 1048576 }}MB &
server=$!
[ -z "$ended" ] || kill -INT "$server"
status=0
while kill -0 "$server" 2> /dev/null; do
  wait "$server" && status=0 || status=$?
done
exit "$status"
{{- end -}}

{{- define "halftone.postgres.ready" -}}
. /etc/halftone/path.sh
exec pg_isready --quiet --host=127.0.0.1 --username=halftone --dbname=halftone
{{- end -}}
