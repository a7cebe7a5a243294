{{/* Whether a scaled tier goes on when a pod is lost. */}}
{{- define "halftone.notes.tier" -}}
{{- if eq .root.Values.autoscaling.mode "off" -}}
{{- if gt (int .values.replicas) 1 }}yes, {{ .values.replicas }} pods{{ else }}no: replicas is 1{{ end -}}
{{- else -}}
{{- if gt (int .values.autoscaling.min) 1 }}yes, {{ .values.autoscaling.min }} to {{ .values.autoscaling.max }} pods{{ else }}no: autoscaling.min is 1{{ end -}}
{{- end -}}
{{- end -}}
