{{/* Who may speak to whom. This table is all there is: a policy for each component is made from it, and what it does
     not name is refused. From and to are components, or one of these outside:
     edge (the load balancer or ingress controller), scrape (Prometheus), api (the Kubernetes API), database, redis, storage, otlp. */}}
{{- define "halftone.network.table" -}}
{{- $edge := or .Values.edge.httpRoute.enabled .Values.edge.ingress.enabled -}}
{{- $database := ternary "postgres" "database" (has .Values.database.mode (list "embedded" "cnpg")) -}}
{{- $embeddedRedis := eq .Values.redis.mode "embedded" -}}
{{- $storage := ternary "objects" "storage" (eq .Values.objectStorage.mode "embedded") -}}
{{- $storagePort := ternary 7070 .Values.networkPolicy.external.storage.port (eq .Values.objectStorage.mode "embedded") -}}
{{- $databasePort := ternary 5432 .Values.networkPolicy.external.database.port (eq $database "postgres") -}}
{{- $pools := list -}}
{{- if .Values.computeCpu.enabled }}{{ $pools = append $pools "compute-cpu" }}{{ end -}}
{{- if .Values.gpu.enabled }}{{ $pools = append $pools "compute-gpu" }}{{ end -}}
- {from: edge, to: web, port: 3000}
{{ if $edge -}}
- {from: edge, to: auth, port: 8000}
- {from: edge, to: gateway, port: 8001}
{{ end -}}
- {from: web, to: auth, port: 8000}
- {from: web, to: gateway, port: 8001}
- {from: test, to: web, port: 3000}
- {from: gateway, to: auth, port: 8000}
{{ if eq .Values.gateway.discovery "kubernetes" -}}
- {from: gateway, to: api, port: 443}
- {from: gateway, to: api, port: 6443}
{{ end -}}
- {from: ingest-worker, to: auth, port: 8000}
- {from: ingest-worker, to: {{ $storage }}, port: {{ $storagePort }}}
{{ range list "auth" "auth-worker" -}}
- {from: {{ . }}, to: {{ $storage }}, port: {{ $storagePort }}}
{{ end -}}
{{ range list "auth" "auth-worker" "beat" "migrate" -}}
- {from: {{ . }}, to: {{ $database }}, port: {{ $databasePort }}}
{{ end -}}
{{ range list "auth" "auth-worker" "beat" "gateway" "ingest-worker" -}}
{{ if $embeddedRedis -}}
- {from: {{ . }}, to: valkey, port: 6379}
{{ if ne . "ingest-worker" -}}
- {from: {{ . }}, to: valkey-cache, port: 6379}
{{ end -}}
{{ else -}}
- {from: {{ . }}, to: redis, port: {{ $.Values.networkPolicy.external.redis.port }}}
{{ end -}}
{{ end -}}
{{ range $pools -}}
- {from: gateway, to: {{ . }}, port: 50051}
- {from: {{ . }}, to: auth, port: 8000}
- {from: {{ . }}, to: {{ $storage }}, port: {{ $storagePort }}}
- {from: scrape, to: {{ . }}, port: 9101}
{{ end -}}
- {from: scrape, to: auth, port: 8000}
- {from: scrape, to: gateway, port: 8001}
- {from: scrape, to: ingest-worker, port: 9102}
{{ if .Values.telemetry.otlpEndpoint -}}
{{ $port := regexFind ":[0-9]+$" (.Values.telemetry.otlpEndpoint | trimSuffix "/") | trimPrefix ":" | default "4317" -}}
{{ range concat (list "auth" "auth-worker" "beat" "gateway" "ingest-worker" "migrate") $pools -}}
- {from: {{ . }}, to: otlp, port: {{ $port }}}
{{ end -}}
{{ end -}}
{{- end -}}

{{/* The peers of a policy for one end of a row. Takes root and end. */}}
{{- define "halftone.network.peers" -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- if eq .end "edge" -}}
{{- toYaml $policy.edgeFrom -}}
{{- else if eq .end "scrape" -}}
- namespaceSelector:
    {{- toYaml $policy.scrapeNamespaces | nindent 4 }}
{{- else if eq .end "otlp" -}}
- namespaceSelector: {}
{{- else if eq .end "api" -}}
{{- range $policy.apiServerCidrs }}
- ipBlock: {cidr: {{ . | quote }}}
{{- end }}
{{- else if has .end (list "database" "redis" "storage") -}}
{{- range (get $policy.external .end).cidrs }}
- ipBlock: {cidr: {{ . | quote }}}
{{- end }}
{{- else if and (eq .end "postgres") (eq .root.Values.database.mode "cnpg") -}}
- podSelector:
    matchLabels: {cnpg.io/cluster: {{ include "halftone.fullname" .root }}-postgres}
{{- else -}}
- podSelector:
    matchLabels:
      {{- include "halftone.selectorLabels" (dict "root" .root "component" .end) | nindent 6 }}
{{- end -}}
{{- end -}}

{{/* The components that have a policy: every one of ours that the table names. */}}
{{- define "halftone.network.components" -}}
{{- $outside := list "edge" "scrape" "api" "database" "redis" "storage" "otlp" -}}
{{- if eq .Values.database.mode "cnpg" }}{{ $outside = append $outside "postgres" }}{{ end -}}
{{- $names := list -}}
{{- range fromYamlArray (include "halftone.network.table" .) }}{{ $names = concat $names (list .from .to) }}{{ end -}}
{{- range without ($names | uniq | sortAlpha) "" }}{{ if not (has . $outside) }}
- {{ . }}
{{- end }}{{ end -}}
{{- end -}}
