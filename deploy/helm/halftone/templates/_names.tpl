{{/* Names and labels. A context `c` is a dict of root (the chart's dot), component (its name) and values (its block). */}}

{{- define "halftone.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains "halftone" .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-halftone" .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The name of a component's objects: halftone-gateway. */}}
{{- define "halftone.name" -}}
{{- printf "%s-%s" (include "halftone.fullname" .root) .component -}}
{{- end -}}

{{/* Labels that never change, and so the only ones that a selector may hold. */}}
{{- define "halftone.selectorLabels" -}}
app.kubernetes.io/name: halftone
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "halftone.labels" -}}
{{ include "halftone.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: halftone
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* metadata of an object that belongs to a component; `name` overrides the component's own, `wide` is for those that
     belong to no namespace. */}}
{{- define "halftone.metadata" -}}
name: {{ .name | default (include "halftone.name" .) }}
{{- if not .wide }}
namespace: {{ .root.Release.Namespace }}
{{- end }}
labels:
  {{- include "halftone.labels" . | nindent 2 }}
  helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name (.root.Chart.Version | replace "+" "_") }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* metadata of a pod template. `configs` is rendered configuration, whose change must restart the pod; secrets that
     were looked up never go in there, or each render without a cluster would restart everything. */}}
{{- define "halftone.podMetadata" -}}
labels:
  {{- include "halftone.labels" . | nindent 2 }}
  {{- with .values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- $annotations := dict -}}
{{- with .configs }}{{ $_ := set $annotations "halftone.dev/config" (sha256sum .) }}{{ end -}}
{{- $annotations = mergeOverwrite $annotations (deepCopy (.values.podAnnotations | default dict)) -}}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* A quantity such as 20Gi in bytes. */}}
{{- define "halftone.bytes" -}}
{{- $text := toString . -}}
{{- $units := dict "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 -}}
{{- $unit := regexFind "[A-Za-z]+$" $text -}}
{{- mul (regexFind "^[0-9]+" $text | int64) (get (set $units "" 1) $unit | int64) -}}
{{- end -}}
