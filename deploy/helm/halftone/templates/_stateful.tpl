{{/* The parts that the embedded servers share: one pod each, one volume each, made for trying out and for small teams. */}}

{{- define "halftone.stateful.head" -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  {{- include "halftone.metadata" . | nindent 2 }}
spec:
  replicas: 1
  serviceName: {{ include "halftone.name" . }}
  revisionHistoryLimit: 3
  selector:
    matchLabels:
      {{- include "halftone.selectorLabels" . | nindent 6 }}
{{- end -}}

{{/* The volume named data: a claim, or the pod's own when nothing need last. Context adds persistence. */}}
{{- define "halftone.stateful.claims" -}}
{{- if .persistence.enabled }}
volumeClaimTemplates:
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      name: data
      labels:
        {{- include "halftone.selectorLabels" . | nindent 8 }}
    spec:
      accessModes: [ReadWriteOnce]
      {{- if kindIs "string" .persistence.storageClassName }}
      storageClassName: {{ .persistence.storageClassName | quote }}
      {{- end }}
      resources: {requests: {storage: {{ .persistence.size }}}}
{{- end }}
{{- end -}}

{{- define "halftone.stateful.volatile" -}}
{{- if not .persistence.enabled }}
- name: data
  emptyDir: {}
{{- end }}
{{- end -}}

{{/* Probes of a server that a script can ask. */}}
{{- define "halftone.stateful.probes" -}}
startupProbe:
  exec: {command: [sh, {{ .ready }}]}
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 150
readinessProbe:
  exec: {command: [sh, {{ .ready }}]}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 3
livenessProbe:
  tcpSocket: {port: {{ .port }}}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end -}}

{{/* A valkey server. Context adds configs (rendered) and persistence. */}}
{{- define "halftone.valkey.statefulset" -}}
{{- include "halftone.stateful.head" . }}
  template:
    metadata:
      {{- include "halftone.podMetadata" . | nindent 6 }}
    spec:
      {{- include "halftone.podSpec" . | nindent 6 }}
      containers:
        - name: {{ .component }}
          {{- include "halftone.container" . | nindent 10 }}
          command: [sh, /etc/halftone/start.sh]
          ports:
            - {name: redis, containerPort: 6379}
          env:
            - {name: NVIDIA_VISIBLE_DEVICES, value: void}
          {{- include "halftone.stateful.probes" (dict "ready" "/etc/halftone/ready.sh" "port" "redis") | nindent 10 }}
          volumeMounts:
            - {name: tmp, mountPath: /tmp}
            - {name: data, mountPath: /data}
            - {name: config, mountPath: /etc/halftone, readOnly: true}
            - {name: password, mountPath: /run/halftone/redis, readOnly: true}
      volumes:
        - name: tmp
          emptyDir: {}
        - name: config
          configMap: {name: {{ include "halftone.name" . }}}
        - name: password
          secret:
            secretName: {{ include "halftone.secret.redis" .root }}
            defaultMode: 0440
            items:
              - {key: password, path: password}
        {{- include "halftone.stateful.volatile" . | nindent 8 }}
  {{- include "halftone.stateful.claims" . | nindent 2 }}
{{- end -}}

{{- define "halftone.stateful.configmap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "halftone.metadata" . | nindent 2 }}
data:
  {{- .configs | nindent 2 }}
{{- end -}}

{{/* Files of a valkey server, as the data of a ConfigMap. Takes root and conf. */}}
{{- define "halftone.valkey.files" -}}
valkey.conf: |
  {{- .conf | nindent 2 }}
start.sh: |
  {{- include "halftone.valkey.start" .root | nindent 2 }}
ready.sh: |
  {{- include "halftone.valkey.ready" .root | nindent 2 }}
{{- end -}}

{{- define "halftone.postgres.files" -}}
{{- if .Values.runAsUser }}
passwd: |
  {{- include "halftone.postgres.passwd" . | nindent 2 }}
{{- end }}
path.sh: |
  {{- include "halftone.postgres.path" . | nindent 2 }}
start.sh: |
  {{- include "halftone.postgres.start" . | nindent 2 }}
ready.sh: |
  {{- include "halftone.postgres.ready" . | nindent 2 }}
{{- end -}}
