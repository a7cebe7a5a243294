{{/* Pieces that every pod shares. Context: root, component, values, and what each says. */}}

{{/* The part of a pod's spec beside its containers and volumes.
     grace: seconds; account: whose service account, if not its own; spread: whether replicas part over hosts and zones; token: whether the API is spoken to. */}}
{{- define "halftone.podSpec" -}}
serviceAccountName: {{ include "halftone.name" (dict "root" .root "component" (.account | default .component)) }}
automountServiceAccountToken: {{ .token | default false }}
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .grace }}
securityContext:
  runAsNonRoot: true
  {{- with .root.Values.runAsUser }}
  runAsUser: {{ . | int64 }}
  runAsGroup: {{ . | int64 }}
  fsGroup: {{ . | int64 }}
  {{- end }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.global.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .spread }}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - topologyKey: {{ . }}
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "halftone.selectorLabels" $ | nindent 8 }}
    # Only pods of the same release of the template count, so that a rollout does not skew the new ones.
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
{{- end -}}

{{/* Image, rights and resources of a container. Context adds image (a block of values). */}}
{{- define "halftone.container" -}}
image: {{ include "halftone.image" . }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
{{ include "halftone.confined" . }}
resources:
  {{- toYaml (.resources | default .values.resources) | nindent 2 }}
{{- end -}}

{{- define "halftone.confined" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: {{ not .root.Values.writableRoot }}
  capabilities: {drop: [ALL]}
{{- end -}}

{{/* Endpoints are taken away while the process already stops: it goes on answering for these seconds. */}}
{{- define "halftone.preStop" -}}
lifecycle:
  preStop:
    sleep: {seconds: 5}
{{- end -}}

{{/* HTTP probes: startup and liveness ask whether the process answers, readiness whether it can take work. */}}
{{- define "halftone.httpProbes" -}}
startupProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 90
readinessProbe:
  httpGet: {path: {{ .ready | default "/readyz" }}, port: http}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
livenessProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end -}}

{{/* A worker's loop touches a file: the probe reads its age, and asks no broker. */}}
{{- define "halftone.heartbeatProbes" -}}
startupProbe:
  exec: {command: [python, -m, halftone_servicekit.heartbeat, --max-age, "60"]}
  periodSeconds: 5
  timeoutSeconds: 20
  failureThreshold: 60
# On a node with nothing to spare the probe itself may be what has to wait.
livenessProbe:
  exec: {command: [python, -m, halftone_servicekit.heartbeat, --max-age, "60"]}
  periodSeconds: 30
  timeoutSeconds: 20
  failureThreshold: 5
{{- end -}}

{{/* The two places that a process may write to. */}}
{{- define "halftone.scratchMounts" -}}
- {name: tmp, mountPath: /tmp}
- {name: home, mountPath: /var/lib/halftone}
{{- end -}}

{{- define "halftone.scratchVolumes" -}}
- name: tmp
  emptyDir: {}
- name: home
  emptyDir: {}
{{- end -}}

{{/* Waits until the schema is there, so that a first install and an upgrade need no hooks. */}}
{{- define "halftone.waitPrepared" -}}
- name: wait-prepared
  {{- include "halftone.container" (dict "root" .root "component" .component "values" .values "image" .root.Values.auth.image "resources" .root.Values.migrate.resources) | nindent 2 }}
  command: [python, -m, halftone_auth, wait_prepared]
  env:
    {{- include "halftone.env" (dict "base" (include "halftone.env.django" .) "extra" .root.Values.auth.extraEnv) | nindent 4 }}
  volumeMounts:
    {{- include "halftone.scratchMounts" . | nindent 4 }}
{{- end -}}

{{- define "halftone.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "halftone.metadata" (mergeOverwrite (dict) . (dict "annotations" ((.values.serviceAccount | default dict).annotations))) | nindent 2 }}
automountServiceAccountToken: false
{{- end -}}

{{/* One pod at a time may be moved; pods that are broken anyway never hold up a drain. */}}
{{- define "halftone.pdb" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "halftone.metadata" . | nindent 2 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "halftone.selectorLabels" . | nindent 6 }}
{{- end -}}

{{/* An address inside the cluster. Context adds ports (a list of name, port, protocol of the application). */}}
{{- define "halftone.service" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "halftone.metadata" . | nindent 2 }}
spec:
  {{- if .headless }}
  clusterIP: None
  {{- end }}
  selector:
    {{- include "halftone.selectorLabels" . | nindent 4 }}
  ports:
    {{- range .ports }}
    - name: {{ .name }}
      port: {{ .port }}
      targetPort: {{ .name }}
      protocol: TCP
      {{- with .appProtocol }}
      appProtocol: {{ . }}
      {{- end }}
    {{- end }}
{{- end -}}
