{{/* The environment of each process. A later entry of one name would be an error under server-side apply, so that
     what a person adds in `extraEnv` takes the place of ours. */}}

{{/* Takes base (a YAML list of entries) and extra (a map from name to a text, or to {valueFrom}). */}}
{{- define "halftone.env" -}}
{{- $extra := .extra | default dict -}}
{{- range fromYamlArray .base }}
{{- if not (hasKey $extra .name) }}
- {{ toYaml . | nindent 2 | trim }}
{{- end }}
{{- end }}
{{- range $name, $value := $extra }}
- name: {{ $name }}
  {{- if kindIs "map" $value }}
  {{- toYaml $value | nindent 2 }}
  {{- else }}
  value: {{ $value | toString | quote }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "halftone.env.secret" -}}
- name: {{ .variable }}
  valueFrom: {secretKeyRef: {name: {{ .name }}, key: {{ .key }}{{ if .optional }}, optional: true{{ end }}}}
{{ end -}}

{{/* Every Python process. */}}
{{- define "halftone.env.common" -}}
- {name: HALFTONE_HOME, value: /var/lib/halftone}
- {name: HALFTONE_AUTH_URL, value: "http://{{ include "halftone.fullname" .root }}-auth:8000"}
- {name: HALFTONE_LOG_LEVEL, value: {{ .root.Values.logLevel }}}
- {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
- {name: POD_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
- {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
- {name: NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
{{- with .root.Values.telemetry.otlpEndpoint }}
- {name: HALFTONE_OTLP_ENDPOINT, value: {{ . | quote }}}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: k8s.namespace.name=$(POD_NAMESPACE),k8s.pod.name=$(POD_NAME),k8s.pod.ip=$(POD_IP),k8s.node.name=$(NODE_NAME)
{{- end }}
{{ if ne .component "compute-gpu" -}}
# A pod that asked for no card must not see one: CUDA images and some runtimes show all of them otherwise.
- {name: NVIDIA_VISIBLE_DEVICES, value: void}
{{ end -}}
{{- end -}}

{{- define "halftone.env.serviceToken" -}}
{{- include "halftone.env.secret" (dict "variable" "HALFTONE_SERVICE_TOKEN" "name" (include "halftone.secret.service" .root) "key" "service-token") -}}
{{- end -}}

{{- define "halftone.env.broker" -}}
{{- include "halftone.env.secret" (dict "variable" "HALFTONE_BROKER_URL" "name" (include "halftone.secret.redis" .root) "key" "broker-url") -}}
{{- end -}}

{{- define "halftone.env.cacheAndBus" -}}
{{- $name := include "halftone.secret.redis" .root -}}
{{- include "halftone.env.secret" (dict "variable" "HALFTONE_CACHE_URL" "name" $name "key" "cache-url" "optional" true) -}}
{{- include "halftone.env.secret" (dict "variable" "HALFTONE_BUS_URL" "name" $name "key" "bus-url" "optional" true) -}}
{{- end -}}

{{- define "halftone.env.storage" -}}
{{- $storage := .root.Values.objectStorage -}}
- {name: HALFTONE_STORAGE, value: "{{ printf "s3://%s/%s" $storage.bucket $storage.prefix | trimSuffix "/" }}"}
- {name: HALFTONE_S3_REGION, value: {{ $storage.region }}}
{{ if eq $storage.mode "embedded" -}}
- {name: HALFTONE_S3_ENDPOINT, value: "http://{{ include "halftone.fullname" .root }}-objects:7070"}
{{ else if $storage.endpoint -}}
- {name: HALFTONE_S3_ENDPOINT, value: {{ $storage.endpoint | quote }}}
{{ end -}}
{{ with include "halftone.secret.objects" .root -}}
{{- include "halftone.env.secret" (dict "variable" "HALFTONE_S3_ACCESS_KEY" "name" . "key" "access-key") -}}
{{- include "halftone.env.secret" (dict "variable" "HALFTONE_S3_SECRET_KEY" "name" . "key" "secret-key") -}}
{{ end -}}
{{- end -}}

{{/* What Django needs to start at all. */}}
{{- define "halftone.env.django" -}}
{{- include "halftone.env.common" . -}}
{{- include "halftone.env.secret" (dict "variable" "HALFTONE_SECRET_KEY" "name" (include "halftone.secret.auth" .root) "key" "secret-key") -}}
{{- include "halftone.env.secret" (dict "variable" "HALFTONE_DATABASE_URL" "name" (include "halftone.secret.database" .root) "key" (include "halftone.secret.databaseKey" .root)) -}}
- {name: HALFTONE_DATABASE_POOL, value: {{ .root.Values.database.pool | quote }}}
- {name: HALFTONE_DATABASE_STATEMENT_TIMEOUT_MS, value: {{ .root.Values.database.statementTimeoutMs | quote }}}
{{ end -}}

{{/* Who may open the product in a browser. */}}
{{- define "halftone.env.origins" -}}
- {name: HALFTONE_ALLOWED_ORIGINS, value: {{ .root.Values.publicUrls | default (list "http://localhost:3000" "http://127.0.0.1:3000") | join "," | quote }}}
- {name: HALFTONE_TRUSTED_PROXIES, value: {{ .root.Values.trustedProxies | join "," | quote }}}
{{ end -}}

{{/* auth, its worker and its clock. */}}
{{- define "halftone.env.auth" -}}
{{- include "halftone.env.django" . -}}
{{- include "halftone.env.serviceToken" . -}}
{{- include "halftone.env.broker" . -}}
{{- include "halftone.env.cacheAndBus" . -}}
{{- include "halftone.env.storage" . -}}
{{- include "halftone.env.origins" . -}}
{{- end -}}

{{/* What the REST service alone reads. Probes and scrapes come with the pod's address as Host. */}}
{{- define "halftone.env.authServer" -}}
{{- $name := include "halftone.fullname" .root -}}
{{- $hosts := list "localhost" "127.0.0.1" "[::1]" -}}
{{- range list "auth" "web" -}}
{{- $service := printf "%s-%s" $name . -}}
{{- $hosts = concat $hosts (list $service (printf "%s.%s" $service $.root.Release.Namespace) (printf "%s.%s.svc" $service $.root.Release.Namespace)) -}}
{{- end -}}
- {name: HALFTONE_ALLOWED_HOSTS, value: "{{ join "," $hosts }},$(POD_IP),[$(POD_IP)]"}
- {name: HALFTONE_SIGNING_KEYS, value: /run/halftone/signing}
- {name: HALFTONE_UPLOAD_MAX_BYTES, value: {{ include "halftone.bytes" .root.Values.auth.uploadMax | quote }}}
{{ if ne .root.Values.auth.quota "0" -}}
- {name: HALFTONE_QUOTA_BYTES, value: {{ include "halftone.bytes" .root.Values.auth.quota | quote }}}
{{ end -}}
{{- include "halftone.env.importRoots" . -}}
{{ end -}}

{{/* What auth lists and the ingest worker reads: folders lie at the same path in both. */}}
{{- define "halftone.env.importRoots" -}}
{{- $roots := list -}}
{{- range .root.Values.importRoots -}}
{{- $roots = append $roots (printf "%s=%s" .name (default (printf "/srv/import/%s" .name) .url)) -}}
{{- end -}}
{{ with $roots -}}
- {name: HALFTONE_IMPORT_ROOTS, value: {{ join "," . | quote }}}
{{ end -}}
{{- end -}}

{{- define "halftone.importMounts" -}}
{{- range .root.Values.importRoots }}{{ if .volume }}
- {name: import-{{ .name }}, mountPath: /srv/import/{{ .name }}, readOnly: true}
{{- end }}{{ end -}}
{{- end -}}

{{- define "halftone.importVolumes" -}}
{{- range .root.Values.importRoots }}{{ if .volume }}
- {{ merge (dict "name" (printf "import-%s" .name)) .volume | toJson }}
{{- end }}{{ end -}}
{{- end -}}

{{/* Compute, both pools. */}}
{{- define "halftone.env.compute" -}}
{{- include "halftone.env.common" . -}}
{{- include "halftone.env.storage" . -}}
- {name: HALFTONE_COMPUTE_HOST, value: 0.0.0.0}
- {name: HALFTONE_COMPUTE_HEALTH_PORT, value: "50052"}
- {name: HALFTONE_COMPUTE_DRAIN_WAIT_SECONDS, value: "5"}
- {name: HALFTONE_COMPUTE_DRAIN_SECONDS, value: "30"}
- {name: HALFTONE_COMPUTE_CACHE_FOLDER, value: /var/cache/halftone}
- {name: HALFTONE_COMPUTE_CACHE_BYTES, value: {{ include "halftone.bytes" .values.cache.bytes | quote }}}
- {name: NUMBA_CACHE_DIR, value: /var/lib/halftone/cache/numba}
{{ include "halftone.env.engine" . -}}
{{ if .values.slots -}}
- {name: HALFTONE_COMPUTE_SLOTS, value: {{ .values.slots | quote }}}
{{ else -}}
# A process counts the node's processors, not its share: the share is what it may use at once.
- {name: HALFTONE_COMPUTE_SLOTS, valueFrom: {resourceFieldRef: {containerName: {{ .component }}, resource: requests.cpu, divisor: "1"}}}
{{ end -}}
{{ if ne .root.Values.computeTls.mode "off" -}}
- {name: HALFTONE_COMPUTE_TLS_CA, value: /run/halftone/tls/ca.crt}
- {name: HALFTONE_COMPUTE_TLS_CERT, value: /run/halftone/tls/tls.crt}
- {name: HALFTONE_COMPUTE_TLS_KEY, value: /run/halftone/tls/tls.key}
{{ end -}}
{{- end -}}

{{/* What a pod draws with. A pool without cards does not even look for one. */}}
{{- define "halftone.env.engine" -}}
{{ if eq .component "compute-gpu" -}}
- {name: HALFTONE_COMPUTE_BACKEND, value: {{ .root.Values.gpu.backend }}}
- {name: CUPY_CACHE_DIR, value: /var/lib/halftone/cache/cupy}
{{ with .root.Values.gpu.memory -}}
- {name: HALFTONE_COMPUTE_GPU_BYTES, value: {{ include "halftone.bytes" . | quote }}}
{{ end -}}
{{ else -}}
- {name: HALFTONE_COMPUTE_BACKEND, value: cpu}
{{ end -}}
{{- end -}}

{{- define "halftone.env.gateway" -}}
{{- $name := include "halftone.fullname" .root -}}
{{- $pools := list -}}
{{- if .root.Values.gpu.enabled }}{{ $pools = append $pools (printf "%s-compute-gpu:50051" $name) }}{{ end -}}
{{- if .root.Values.computeCpu.enabled }}{{ $pools = append $pools (printf "%s-compute-cpu:50051" $name) }}{{ end -}}
{{- include "halftone.env.common" . -}}
{{- include "halftone.env.serviceToken" . -}}
{{- include "halftone.env.cacheAndBus" . -}}
{{- include "halftone.env.origins" . -}}
- {name: HALFTONE_GATEWAY_HOST, value: 0.0.0.0}
- {name: HALFTONE_GATEWAY_DRAIN_S, value: "60"}
- {name: HALFTONE_COMPUTE_DISCOVERY, value: {{ .values.discovery }}}
- {name: HALFTONE_COMPUTE_TARGETS, value: "{{ join ";" $pools }}"}
{{ if ne .root.Values.computeTls.mode "off" -}}
- {name: HALFTONE_COMPUTE_TLS_CA, value: /run/halftone/tls/ca.crt}
- {name: HALFTONE_COMPUTE_TLS_CERT, value: /run/halftone/tls/client.crt}
- {name: HALFTONE_COMPUTE_TLS_KEY, value: /run/halftone/tls/client.key}
{{ end -}}
{{- end -}}

{{- define "halftone.env.ingest" -}}
{{- include "halftone.env.common" . -}}
{{- include "halftone.env.serviceToken" . -}}
{{- include "halftone.env.broker" . -}}
{{- include "halftone.env.storage" . -}}
- {name: HALFTONE_HEARTBEAT_FILE, value: /tmp/heartbeat}
- {name: HALFTONE_INGEST_GRACE, value: "300"}
{{ include "halftone.env.importRoots" . -}}
- {name: NUMBA_CACHE_DIR, value: /var/lib/halftone/cache/numba}
{{ end -}}
