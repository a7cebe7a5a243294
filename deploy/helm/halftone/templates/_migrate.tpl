{{- define "halftone.migrate.pod" -}}
metadata:
  {{- include "halftone.podMetadata" . | nindent 2 }}
spec:
  {{- include "halftone.podSpec" . | nindent 2 }}
  restartPolicy: OnFailure
  containers:
    - name: migrate
      {{- include "halftone.container" . | nindent 6 }}
      command: [python, -m, halftone_auth, prepare]
      env:
        {{- include "halftone.env" (dict "base" (include "halftone.env.migrate" .) "extra" .root.Values.auth.extraEnv) | nindent 8 }}
      volumeMounts:
        {{- include "halftone.scratchMounts" . | nindent 8 }}
  volumes:
    {{- include "halftone.scratchVolumes" . | nindent 4 }}
{{- end -}}

{{- define "halftone.env.migrate" -}}
{{- include "halftone.env.django" . -}}
- {name: HALFTONE_ADMIN_EMAIL, value: {{ .root.Values.admin.email | quote }}}
{{ include "halftone.env.secret" (dict "variable" "HALFTONE_ADMIN_PASSWORD" "name" (include "halftone.secret.admin" .root) "key" "password") -}}
{{- end -}}
