{{/* What finds pods or Services to scrape. Context: root, component, values (the monitor's block). */}}

{{/* metadata whose labels also hold those by which an operator or Grafana finds the object. */}}
{{- define "halftone.monitoring.metadata" -}}
name: {{ include "halftone.name" . }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "halftone.labels" . | nindent 2 }}
  {{- with .values.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .values.annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "halftone.monitor.head" }}
metadata:
  {{- include "halftone.monitoring.metadata" . | nindent 2 }}
spec:
  selector:
    matchLabels:
      {{- include "halftone.selectorLabels" . | nindent 6 }}
{{- end -}}
