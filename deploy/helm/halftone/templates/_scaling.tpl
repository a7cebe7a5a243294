{{/* One scaler for each of the three pools, and never two on one: a HorizontalPodAutoscaler, or KEDA's ScaledObject.
     Context: root, component, values, metric (the gauge of its load), target (a number). */}}

{{- define "halftone.scaling.target" -}}
apiVersion: apps/v1
kind: Deployment
name: {{ include "halftone.name" . }}
{{- end -}}

{{/* The processor of the one container that works: a side-car's share would dilute the pod's. */}}
{{- define "halftone.scaling.cpu" -}}
- type: ContainerResource
  containerResource:
    name: cpu
    container: {{ .component }}
    target: {type: Utilization, averageUtilization: {{ .values.autoscaling.cpu }}}
{{- end -}}

{{/* 300 stays 300, and 0.7 is 700m. */}}
{{- define "halftone.scaling.quantity" -}}
{{- if eq (floor .) (float64 .) }}{{ printf "%.0f" (float64 .) }}{{ else }}{{ printf "%.0fm" (mulf . 1000) }}{{ end -}}
{{- end -}}

{{- define "halftone.hpa" -}}
{{- $scaling := .values.autoscaling -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "halftone.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    {{- include "halftone.scaling.target" . | nindent 4 }}
  minReplicas: {{ $scaling.min }}
  maxReplicas: {{ $scaling.max }}
  metrics:
    {{- if eq .root.Values.autoscaling.mode "custom" }}
    # Pods metrics count a pod without a sample as exactly on target when scaling down: a lost scrape ends no pod.
    - type: Pods
      pods:
        metric: {name: {{ .metric }}}
        target: {type: AverageValue, averageValue: {{ include "halftone.scaling.quantity" .target | quote }}}
    {{- end }}
    {{- if or (eq .root.Values.autoscaling.mode "cpu") (ne .component "compute-gpu") }}
    {{- include "halftone.scaling.cpu" . | nindent 4 }}
    {{- end }}
  behavior:
    {{- toYaml $scaling.behavior | nindent 4 }}
{{- end -}}

{{- define "halftone.scaledObject" -}}
{{- $scaling := .values.autoscaling -}}
{{- $keda := .root.Values.autoscaling.keda -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  {{- include "halftone.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    {{- include "halftone.scaling.target" . | nindent 4 }}
  pollingInterval: {{ $keda.pollingInterval }}
  minReplicaCount: {{ $scaling.min }}
  maxReplicaCount: {{ $scaling.max }}
  fallback:
    failureThreshold: 3
    replicas: {{ $scaling.min }}
    behavior: currentReplicasIfHigher
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        {{- toYaml $scaling.behavior | nindent 8 }}
  triggers:
    - type: prometheus
      metricType: AverageValue
      metadata:
        serverAddress: {{ $keda.prometheusUrl | quote }}
        threshold: {{ .target | toString | quote }}
        # A target that vanished is an error, which falls back; the default would read it as no load at all.
        ignoreNullValues: "false"
        query: {{ printf "sum(max_over_time(%s{namespace=%q,pod=~\"%s-.+\"}[1m]))" .metric .root.Release.Namespace (include "halftone.name" .) | quote }}
      {{- with $keda.authenticationRef }}
      authenticationRef:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end -}}
