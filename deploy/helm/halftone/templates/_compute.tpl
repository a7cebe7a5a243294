{{/* The two pools of compute differ in image, strategy and card, and in nothing else. */}}

{{- define "halftone.compute.strategy" -}}
{{- $alone := and (eq .root.Values.autoscaling.mode "off") (eq (int .values.replicas) 1) -}}
{{- $strategy := .values.strategy -}}
{{- if eq $strategy "auto" -}}
{{- if ne .component "compute-gpu" }}{{ $strategy = "surge" }}{{ else if $alone }}{{ $strategy = "recreate" }}{{ else }}{{ $strategy = "replace" }}{{ end -}}
{{- end -}}
{{- if eq $strategy "surge" -}}
type: RollingUpdate
rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}
{{- else if eq $strategy "replace" -}}
# A full pool has no card for a surge pod: the default strategy would wait for ever.
type: RollingUpdate
rollingUpdate: {maxSurge: 0, maxUnavailable: 1}
{{- else -}}
type: Recreate
rollingUpdate: null
{{- end -}}
{{- end -}}

{{- define "halftone.compute.resources" -}}
{{- $resources := deepCopy .values.resources -}}
{{- if eq .component "compute-gpu" -}}
{{- $gpu := .root.Values.gpu -}}
{{- if eq $gpu.mode "dra" -}}
{{- $_ := set $resources "claims" (list (dict "name" "gpu")) -}}
{{- else -}}
{{- $_ := set $resources "limits" (mergeOverwrite (dict $gpu.resourceName (toString $gpu.count)) ($resources.limits | default dict)) -}}
{{- end -}}
{{- end -}}
{{- toYaml $resources -}}
{{- end -}}

{{- define "halftone.compute.probes" -}}
startupProbe:
  grpc: {port: 50052, service: ready}
  periodSeconds: 3
  timeoutSeconds: 3
  # Compiling and opening a card take minutes on a cold node.
  failureThreshold: 200
readinessProbe:
  grpc: {port: 50052, service: ready}
  periodSeconds: 3
  timeoutSeconds: 3
  failureThreshold: 2
livenessProbe:
  grpc: {port: 50052, service: live}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end -}}

{{/* Where a pod keeps the columns that it touches: node disk, or a volume of a class made for it. */}}
{{- define "halftone.compute.cacheVolume" -}}
- name: cache
  {{- if .values.cache.storageClassName }}
  ephemeral:
    volumeClaimTemplate:
      spec:
        accessModes: [ReadWriteOnce]
        storageClassName: {{ .values.cache.storageClassName }}
        resources: {requests: {storage: {{ .values.cache.size }}}}
  {{- else }}
  emptyDir: {sizeLimit: {{ .values.cache.size }}}
  {{- end }}
{{- end -}}

{{- define "halftone.compute.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "halftone.metadata" . | nindent 2 }}
spec:
  {{- if eq .root.Values.autoscaling.mode "off" }}
  replicas: {{ .values.replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  # A node that has to fetch gigabytes and compile is slow, not stuck.
  progressDeadlineSeconds: 1800
  selector:
    matchLabels:
      {{- include "halftone.selectorLabels" . | nindent 6 }}
  strategy:
    {{- include "halftone.compute.strategy" . | nindent 4 }}
  template:
    metadata:
      {{- include "halftone.podMetadata" . | nindent 6 }}
    spec:
      {{- include "halftone.podSpec" . | nindent 6 }}
      {{- include "halftone.compute.card" . | nindent 6 }}
      containers:
        - name: {{ .component }}
          image: {{ include "halftone.image" . }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          {{- include "halftone.confined" . | nindent 10 }}
          resources:
            {{- include "halftone.compute.resources" . | nindent 12 }}
          resizePolicy:
            - {resourceName: cpu, restartPolicy: NotRequired}
            # Pools are sized from the limit at the start.
            - {resourceName: memory, restartPolicy: RestartContainer}
          command: [python, -m, halftone_compute]
          ports:
            - {name: grpc, containerPort: 50051}
            - {name: health, containerPort: 50052}
            - {name: metrics, containerPort: 9101}
          env:
            {{- include "halftone.env" (dict "base" (include "halftone.env.compute" .) "extra" .values.extraEnv) | nindent 12 }}
          {{- include "halftone.compute.probes" . | nindent 10 }}
          {{- include "halftone.preStop" . | nindent 10 }}
          volumeMounts:
            {{- include "halftone.scratchMounts" . | nindent 12 }}
            - {name: cache, mountPath: /var/cache/halftone}
            {{- if ne .root.Values.computeTls.mode "off" }}
            - {name: tls, mountPath: /run/halftone/tls, readOnly: true}
            {{- end }}
      volumes:
        {{- include "halftone.scratchVolumes" . | nindent 8 }}
        {{- include "halftone.compute.cacheVolume" . | nindent 8 }}
        {{- if ne .root.Values.computeTls.mode "off" }}
        - name: tls
          secret:
            secretName: {{ include "halftone.secret.computeTls" .root }}
            defaultMode: 0440
            items:
              - {key: ca.crt, path: ca.crt}
              - {key: tls.crt, path: tls.crt}
              - {key: tls.key, path: tls.key}
        {{- end }}
{{- end -}}

{{/* What a pod says about its card beside the container's limits. */}}
{{- define "halftone.compute.card" -}}
{{- if eq .component "compute-gpu" }}
{{- with .root.Values.gpu.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- if eq .root.Values.gpu.mode "dra" }}
resourceClaims:
  - {name: gpu, resourceClaimTemplateName: {{ include "halftone.compute.claimName" .root }}}
{{- end }}
{{- end }}
{{- end -}}

{{/* What a claim asks for. */}}
{{- define "halftone.compute.claim" -}}
spec:
  devices:
    requests:
      - name: gpu
        exactly:
          deviceClassName: {{ .Values.gpu.dra.deviceClassName }}
          allocationMode: ExactCount
          count: {{ .Values.gpu.count }}
          {{- with .Values.gpu.dra.selectors }}
          selectors:
            {{- range . }}
            - cel: {expression: {{ . | quote }}}
            {{- end }}
          {{- end }}
{{- end -}}

{{/* Neither a template of claims nor a class of priorities can be changed: each has what it says in its name. */}}
{{- define "halftone.compute.claimName" -}}
{{- printf "%s-compute-gpu-%s" (include "halftone.fullname" .) (include "halftone.compute.claim" . | sha256sum | trunc 8) -}}
{{- end -}}

{{- define "halftone.placeholder.class" -}}
{{- printf "%s-%s-placeholder%d" .Release.Namespace (include "halftone.fullname" .) (int .Values.gpu.placeholders.priority) -}}
{{- end -}}
