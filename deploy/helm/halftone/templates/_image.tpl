{{/* The reference of an image. Takes root and image (a block of values: registry, repository, tag, digest).
     A digest beats a tag; a registry for everything beats the image's own, and that the one of Halftone's. */}}
{{- define "halftone.image" -}}
{{- $registry := .root.Values.global.imageRegistry | default .image.registry | default .root.Values.image.registry -}}
{{- $name := .image.repository -}}
{{- with $registry }}{{ $name = printf "%s/%s" (trimSuffix "/" .) $name }}{{ end -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $name .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (.image.tag | default .root.Values.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
