{{/* Which path leads to which service, as a YAML list; the longest match wins at every controller. */}}
{{- define "halftone.edge.paths" -}}
{{- $name := include "halftone.fullname" . -}}
# What only services may ask for; web's nginx answers that there is no such page.
- {paths: [/api/internal], service: {{ $name }}-web, port: 3000}
- {paths: [/api, /admin, /.well-known], service: {{ $name }}-auth, port: 8000}
- {paths: [/ws, /compute], service: {{ $name }}-gateway, port: 8001, stream: true}
- {paths: [/], service: {{ $name }}-web, port: 3000}
{{- end -}}
