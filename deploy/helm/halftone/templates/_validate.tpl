{{/* Pairs of values that cannot work together. The schema knows single values; each message here says what to do.
     tests/chart/test_validate.py has a render for every one of them. */}}
{{- define "halftone.validate" -}}
{{- $v := .Values -}}
{{- $edge := or $v.edge.httpRoute.enabled $v.edge.ingress.enabled -}}
{{- if and $v.edge.httpRoute.enabled $v.edge.ingress.enabled -}}
{{- fail "edge.httpRoute.enabled and edge.ingress.enabled are both true; set one of them to false, so that there is one way in." -}}
{{- end -}}
{{- if and $edge (not $v.publicUrls) -}}
{{- fail "publicUrls is empty while an edge is enabled; set it to the addresses that people will open, for example [https://halftone.example.org], or every sign-in is refused." -}}
{{- end -}}
{{- if and $v.edge.httpRoute.enabled (not $v.edge.httpRoute.parentRefs) -}}
{{- fail "edge.httpRoute.parentRefs is empty; name the Gateway that the route belongs to, for example [{name: public, namespace: gateways}]." -}}
{{- end -}}
{{- if and $v.edge.ingress.enabled (not $v.edge.ingress.hosts) -}}
{{- fail "edge.ingress.hosts is empty; name the host that the Ingress answers to, for example [halftone.example.org]." -}}
{{- end -}}
{{- if and (eq $v.database.mode "external") (not (or $v.database.external.url $v.database.existingSecret)) -}}
{{- fail "database.mode is external without an address; set database.external.url, or database.existingSecret to a Secret with the key url." -}}
{{- end -}}
{{- if and (ne $v.database.mode "external") $v.database.external.url -}}
{{- fail (printf "database.external.url is set while database.mode is %s; set database.mode to external, or remove the address." $v.database.mode) -}}
{{- end -}}
{{- if and (eq $v.redis.mode "external") (not (or $v.redis.external.brokerUrl $v.redis.existingSecret)) -}}
{{- fail "redis.mode is external without an address; set redis.external.brokerUrl, or redis.existingSecret to a Secret with the keys broker-url, cache-url and bus-url." -}}
{{- end -}}
{{- if and (ne $v.redis.mode "external") (or $v.redis.external.brokerUrl $v.redis.external.cacheUrl $v.redis.external.busUrl) -}}
{{- fail "an address in redis.external is set while redis.mode is embedded; set redis.mode to external, or remove the address." -}}
{{- end -}}
{{- if and $v.redis.external.cacheUrl (eq $v.redis.external.cacheUrl $v.redis.external.brokerUrl) -}}
{{- fail "redis.external.cacheUrl and redis.external.brokerUrl are the same; give the cache a server of its own, because it may throw away what it holds and the broker may not." -}}
{{- end -}}
{{- if and (eq $v.objectStorage.mode "embedded") $v.objectStorage.endpoint -}}
{{- fail "objectStorage.endpoint is set while objectStorage.mode is embedded; set objectStorage.mode to external, or remove the endpoint." -}}
{{- end -}}
{{- if ne (empty $v.objectStorage.accessKey) (empty $v.objectStorage.secretKey) -}}
{{- fail "objectStorage.accessKey and objectStorage.secretKey belong together; set both, or neither to use the identity that the cloud gives to the pods." -}}
{{- end -}}
{{- $addresses := list (list "database.external.url" $v.database.external.url "database" "5432") (list "objectStorage.endpoint" $v.objectStorage.endpoint "storage" (ternary "80" "443" (hasPrefix "http://" $v.objectStorage.endpoint))) -}}
{{- range list "brokerUrl" "cacheUrl" "busUrl" }}{{ $addresses = append $addresses (list (printf "redis.external.%s" .) (get $v.redis.external .) "redis" "6379") }}{{ end -}}
{{- range $addresses -}}
{{- $port := regexFind "^[a-z]+://[^/?]*" (index . 1) | regexFind ":[0-9]+$" | trimPrefix ":" | default (index . 3) -}}
{{- $open := (get $v.networkPolicy.external (index . 2)).port -}}
{{- if and (index . 1) $v.networkPolicy.enabled (not $v.networkPolicy.extraEgress) (ne $port (toString $open)) -}}
{{- fail (printf "%s leads to port %s, while networkPolicy.external.%s.port is %d; set that port too (or networkPolicy.extraEgress), or the policies refuse every connection." (index . 0) $port (index . 2) (int $open)) -}}
{{- end -}}
{{- end -}}
{{- if not (or $v.computeCpu.enabled $v.gpu.enabled) -}}
{{- fail "computeCpu.enabled and gpu.enabled are both false; enable one pool at least, or nothing draws." -}}
{{- end -}}
{{- if and $v.gpu.enabled (eq $v.gpu.mode "devicePlugin") (gt (int $v.gpu.count) 1) (or (hasSuffix ".shared" $v.gpu.resourceName) (contains "mig-" $v.gpu.resourceName)) -}}
{{- fail (printf "gpu.count is %d with gpu.resourceName %s; set gpu.count to 1, because several shares need not be of one card and add up to nothing." (int $v.gpu.count) $v.gpu.resourceName) -}}
{{- end -}}
{{- if and $v.gpu.enabled $v.gpu.prePull (not $v.gpu.nodeSelector) -}}
{{- fail "gpu.prePull is true without gpu.nodeSelector; name a label of the nodes with cards, for example nvidia.com/gpu.present, or every node of the cluster fetches gigabytes." -}}
{{- end -}}
{{- if and (eq $v.autoscaling.mode "keda") (not $v.autoscaling.keda.prometheusUrl) -}}
{{- fail "autoscaling.mode is keda without a Prometheus; set autoscaling.keda.prometheusUrl to its address inside the cluster, for example http://prometheus.monitoring:9090." -}}
{{- end -}}
{{- range $name, $pool := dict "gateway" $v.gateway "computeCpu" $v.computeCpu "computeGpu" $v.computeGpu -}}
{{- if gt (int $pool.autoscaling.min) (int $pool.autoscaling.max) -}}
{{- fail (printf "%s.autoscaling.min (%d) is above %s.autoscaling.max (%d); raise max or lower min." $name (int $pool.autoscaling.min) $name (int $pool.autoscaling.max)) -}}
{{- end -}}
{{- end -}}
{{- if and (eq $v.computeTls.mode "existing") (not $v.computeTls.existingSecret) -}}
{{- fail "computeTls.mode is existing without a Secret; set computeTls.existingSecret to one with the keys ca.crt, tls.crt, tls.key, client.crt and client.key." -}}
{{- end -}}
{{- if and (ne $v.computeTls.mode "existing") $v.computeTls.existingSecret -}}
{{- fail (printf "computeTls.existingSecret is set while computeTls.mode is %s; set computeTls.mode to existing, or remove the name." $v.computeTls.mode) -}}
{{- end -}}
{{- range $name, $pool := dict "computeCpu" $v.computeCpu "computeGpu" $v.computeGpu -}}
{{- if ne ($pool.resources.requests | default dict).memory ($pool.resources.limits | default dict).memory -}}
{{- fail (printf "%s.resources: the limit of memory must be its request; set both to one value, because a pod that borrows memory is the first to be ended." $name) -}}
{{- end -}}
{{- if lt (include "halftone.bytes" $pool.cache.size | int64) (include "halftone.bytes" $pool.cache.bytes | int64) -}}
{{- fail (printf "%s.cache.size is smaller than %s.cache.bytes; make the volume larger than what it shall hold." $name $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Keys of earlier releases, and names that other charts use. The schema lets them pass (deploy/helm/generate.py), so
     that this sentence is what a person reads. */}}
{{- define "halftone.renamed" -}}
{{- range $old, $new := .Files.Get "files/renamed.yaml" | fromYaml -}}
{{- $found := $.Values -}}
{{- range splitList "." $old -}}
{{- if kindIs "map" $found }}{{ $found = get $found . }}{{ else }}{{ $found = "" }}{{ end -}}
{{- end -}}
{{- if not (and (kindIs "string" $found) (empty $found)) -}}
{{- fail (printf "%s is not read: use %s in its place." $old $new) -}}
{{- end -}}
{{- end -}}
{{- end -}}
