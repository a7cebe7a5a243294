{{/* Where each secret is: one that exists already, or the one that this chart renders. */}}

{{- define "halftone.secret.auth" -}}{{ .Values.auth.existingSecret | default (printf "%s-auth" (include "halftone.fullname" .)) }}{{- end -}}
{{- define "halftone.secret.service" -}}{{ .Values.serviceToken.existingSecret | default (printf "%s-service" (include "halftone.fullname" .)) }}{{- end -}}
{{- define "halftone.secret.admin" -}}{{ .Values.admin.existingSecret | default (printf "%s-admin" (include "halftone.fullname" .)) }}{{- end -}}
{{- define "halftone.secret.redis" -}}{{ .Values.redis.existingSecret | default (printf "%s-redis" (include "halftone.fullname" .)) }}{{- end -}}
{{- define "halftone.secret.signing" -}}{{ .Values.signing.existingSecret | default (printf "%s-signing" (include "halftone.fullname" .)) }}{{- end -}}

{{/* CloudNativePG writes a secret of its own, with the address under another key. */}}
{{- define "halftone.secret.database" -}}
{{- if .Values.database.existingSecret -}}{{ .Values.database.existingSecret }}
{{- else if eq .Values.database.mode "cnpg" -}}{{ include "halftone.fullname" . }}-postgres-app
{{- else -}}{{ include "halftone.fullname" . }}-database
{{- end -}}
{{- end -}}

{{- define "halftone.secret.databaseKey" -}}
{{- if and (eq .Values.database.mode "cnpg") (not .Values.database.existingSecret) -}}uri{{- else -}}url{{- end -}}
{{- end -}}

{{/* Empty where the cloud's own identity opens the bucket. */}}
{{- define "halftone.secret.objects" -}}
{{- $storage := .Values.objectStorage -}}
{{- if $storage.existingSecret -}}{{ $storage.existingSecret }}
{{- else if or (eq $storage.mode "embedded") $storage.accessKey -}}{{ include "halftone.fullname" . }}-objects
{{- end -}}
{{- end -}}

{{/* The secrets with the certificates of compute's port: cert-manager keeps one for each end. */}}
{{- define "halftone.secret.computeTls" -}}{{ .Values.computeTls.existingSecret | default (printf "%s-compute-tls" (include "halftone.fullname" .)) }}{{- end -}}
{{- define "halftone.secret.gatewayTls" -}}
{{- if eq .Values.computeTls.mode "certManager" -}}{{ include "halftone.fullname" . }}-gateway-tls{{- else -}}{{ include "halftone.secret.computeTls" . }}{{- end -}}
{{- end -}}

{{/* What is in a secret of the cluster now, as a map; empty without a cluster (helm template, GitOps). */}}
{{- define "halftone.secret.data" -}}
{{- $found := lookup "v1" "Secret" .root.Release.Namespace .name | default dict -}}
{{- get $found "data" | default dict | toYaml -}}
{{- end -}}

{{/* A value that is given, else the one in the cluster, else a new one. Takes root, name, key, given, length. */}}
{{- define "halftone.secret.kept" -}}
{{- $data := include "halftone.secret.data" . | fromYaml -}}
{{- if .given -}}{{ .given }}
{{- else if hasKey $data .key -}}{{ get $data .key | b64dec }}
{{- else -}}{{ randAlphaNum (.length | int) }}
{{- end -}}
{{- end -}}

{{/* metadata of a secret that outlives the release: what it opens does too. */}}
{{- define "halftone.secret.metadata" -}}
{{- include "halftone.metadata" (mergeOverwrite (dict) . (dict "annotations" (dict "helm.sh/resource-policy" "keep"))) -}}
{{- end -}}
