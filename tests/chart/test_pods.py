"""What is promised of every pod: rights, resources, labels, environment, and that stopping fits into its grace."""

import re

import pytest

from .render import MATRIX, POD_TEMPLATES, Pod, Release, matrix, render

LABELS = {f"app.kubernetes.io/{name}" for name in ("name", "instance", "component", "version", "part-of", "managed-by")}
SELECTORS = {"app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"}
SLEEP = 5
EVERYWHERE = pytest.mark.parametrize("name", MATRIX)
# Ours, and one of each kind.
GRACE = {"auth": 330, "auth-worker": 330, "beat": 30, "compute-cpu": 45, "gateway": 90, "ingest-worker": 330, "web": 45}


def selectors(release: Release) -> list[dict[str, str]]:
    found = [item["spec"]["selector"]["matchLabels"] for item in release.objects if item["kind"] in POD_TEMPLATES[:3]]
    found += [item["spec"]["selector"]["matchLabels"] for item in release.of("PodDisruptionBudget")]
    return found + [item["spec"]["selector"] for item in release.of("Service")]


@EVERYWHERE
def test_everything_carries_the_recommended_labels(name: str) -> None:
    release = matrix(name)
    assert all(set(item["metadata"]["labels"]) >= LABELS for item in release.objects)
    assert all(set(pod.labels) >= LABELS for pod in release.pods())
    for item in release.objects:
        # A class of priorities belongs to the whole cluster; the API refuses a namespace there.
        assert item["metadata"].get("namespace") == (None if item["kind"] == "PriorityClass" else "pictures")


@EVERYWHERE
def test_selectors_hold_only_what_never_changes_and_find_pods(name: str) -> None:
    release = matrix(name)
    assert all(set(selector) == SELECTORS for selector in selectors(release))
    pods = [pod.labels.items() for pod in release.pods()]
    for selector in selectors(release):
        assert any(selector.items() <= labels for labels in pods), selector


@EVERYWHERE
def test_every_pod_meets_the_restricted_standard(name: str) -> None:
    for pod in matrix(name).pods():
        context = pod.spec["securityContext"]
        assert context["runAsNonRoot"] is True, pod.owner
        users = {context.get("runAsUser"), context.get("runAsGroup"), context.get("fsGroup")}
        assert users == ({None} if name in ("platform", "mig") else {10001})
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod.spec)
        assert {next(iter(set(volume) - {"name"})) for volume in pod.spec.get("volumes", [])} <= {
            "emptyDir", "configMap", "secret", "ephemeral", "persistentVolumeClaim",
        }  # fmt: skip
        for box in pod.containers():
            assert box["securityContext"] == {
                "allowPrivilegeEscalation": False,
                # A development loop copies files into running containers.
                "readOnlyRootFilesystem": name != "tilt",
                "capabilities": {"drop": ["ALL"]},
            }, f"{pod.owner} {box['name']}"


def test_the_platform_may_choose_the_user() -> None:
    for pod in render(runAsUser=None).pods():
        assert not {"runAsUser", "runAsGroup", "fsGroup"} & set(pod.spec["securityContext"])


def test_a_development_loop_may_write() -> None:
    boxes = [box for pod in render(writableRoot=True).pods() for box in pod.containers()]
    assert all(box["securityContext"]["readOnlyRootFilesystem"] is False for box in boxes)


@EVERYWHERE
def test_only_the_gateway_holds_a_token(name: str) -> None:
    release = matrix(name)
    assert all(account["automountServiceAccountToken"] is False for account in release.of("ServiceAccount"))
    holders = {pod.component for pod in release.pods() if pod.spec["automountServiceAccountToken"]}
    assert holders == (set() if name in ("cpu-only", "platform") else {"gateway"})
    assert {pod.spec["serviceAccountName"] for pod in release.pods()} <= release.names("ServiceAccount")
    assert all(pod.spec["enableServiceLinks"] is False for pod in release.pods())


def test_the_gateway_may_watch_endpoint_slices_and_nothing_else() -> None:
    release = matrix("default")
    (role,) = release.of("Role")
    verbs = ["get", "list", "watch"]
    assert role["rules"] == [{"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": verbs}]
    assert release.ask("RoleBinding", "halftone-gateway", "subjects[].name") == ["halftone-gateway"]
    assert not [item["kind"] for item in release.objects if item["kind"].startswith("Cluster")]
    without = matrix("cpu-only")
    assert not without.of("Role")
    assert not without.of("RoleBinding")
    assert without.environment("gateway")["HALFTONE_COMPUTE_DISCOVERY"] == "dns"


@EVERYWHERE
def test_every_container_says_what_it_needs(name: str) -> None:
    for pod in matrix(name).pods():
        for box in pod.containers():
            requests, limits = box["resources"]["requests"], box["resources"]["limits"]
            assert {"cpu", "memory"} <= set(requests), f"{pod.owner} {box['name']}"
            assert "memory" in limits
            if pod.component.startswith("compute-"):
                assert requests["memory"] == limits["memory"]
                policy = {rule["resourceName"]: rule["restartPolicy"] for rule in box["resizePolicy"]}
                assert policy == {"cpu": "NotRequired", "memory": "RestartContainer"}


@EVERYWHERE
def test_no_environment_names_a_variable_twice(name: str) -> None:
    for pod in matrix(name).pods():
        for box in pod.containers():
            names = [entry["name"] for entry in box["env"]]
            assert len(names) == len(set(names)), pod.owner


@EVERYWHERE
def test_a_variable_is_defined_before_it_is_used(name: str) -> None:
    for pod in matrix(name).pods():
        for box in pod.containers():
            seen: set[str] = set()
            for entry in box["env"]:
                assert set(re.findall(r"\$\((\w+)\)", entry.get("value") or "")) <= seen, f"{pod.owner} {entry}"
                seen.add(entry["name"])


@EVERYWHERE
def test_a_pod_that_asked_for_no_card_sees_none(name: str) -> None:
    for pod in matrix(name).pods():
        for box in pod.containers():
            values = [entry.get("value") for entry in box["env"] if entry["name"] == "NVIDIA_VISIBLE_DEVICES"]
            assert values == ([] if pod.component == "compute-gpu" else ["void"]), f"{pod.owner} {box['name']}"


def test_a_variable_of_a_persons_own_takes_the_place_of_ours() -> None:
    environment = matrix("everything-on").environment("auth")
    assert environment["HALFTONE_LOG_LEVEL"] == "DEBUG"
    assert environment["HALFTONE_LOGIN_PER_MINUTE"] == "20"
    header = matrix("everything-on").environment("gateway")["HALFTONE_OTLP_HEADERS"]
    assert header == {"secretKeyRef": {"name": "otlp", "key": "headers"}}


def test_every_process_can_write_where_it_must() -> None:
    for pod in matrix("gpu").pods():
        if pod.component in ("gpu-placeholder", "gpu-pre-pull"):
            continue
        for box in pod.containers():
            mounts = {mount["mountPath"]: mount for mount in box["volumeMounts"]}
            assert not mounts["/tmp"].get("readOnly"), pod.owner  # noqa: S108 - in the pod
            home = {entry["name"]: entry.get("value") for entry in box["env"]}.get("HALFTONE_HOME")
            assert home is None or home in mounts
            # The kubelet makes a mount point inside another volume as root: the process could not write beside it.
            writable = [path for path, mount in mounts.items() if not mount.get("readOnly")]
            assert not [a for a in writable for b in writable if a.startswith(f"{b}/")], pod.owner


def drain(pod: Pod) -> float:
    """Seconds from the order to stop until the process has ended by itself."""
    given = {entry["name"]: entry.get("value") for entry in pod.main()["env"]}
    bounds = ("HALFTONE_GATEWAY_DRAIN_S", "HALFTONE_COMPUTE_DRAIN_WAIT_SECONDS", "HALFTONE_COMPUTE_DRAIN_SECONDS")
    seconds = sum(float(given.get(name) or 0) for name in (*bounds, "HALFTONE_INGEST_GRACE"))
    arguments = pod.main().get("args", [])
    if "--grace" in arguments:
        seconds += float(arguments[arguments.index("--grace") + 1])
    hook = pod.main().get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    return seconds + float(hook)


@EVERYWHERE
def test_stopping_fits_into_the_grace(name: str) -> None:
    for pod in matrix(name).pods():
        assert drain(pod) <= pod.spec["terminationGracePeriodSeconds"], pod.owner


@pytest.mark.parametrize("component", GRACE)
def test_the_grace_of_each_tier(component: str) -> None:
    pod = matrix("default").pod(component)
    assert pod.spec["terminationGracePeriodSeconds"] == GRACE[component]
    if component in ("auth", "gateway", "compute-cpu", "web"):
        assert pod.main()["lifecycle"] == {"preStop": {"sleep": {"seconds": SLEEP}}}
    least = {"gateway": 65, "compute-cpu": 40, "ingest-worker": 300, "auth": 305}
    assert drain(pod) == least.get(component, drain(pod))


def test_probes_ask_what_they_should() -> None:
    release = matrix("gpu")
    for component in ("auth", "gateway"):
        box = release.pod(component).main()
        assert box["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
        assert box["livenessProbe"]["httpGet"] == box["startupProbe"]["httpGet"] == {"path": "/healthz", "port": "http"}
    for component in ("compute-cpu", "compute-gpu"):
        box = release.pod(component).main()
        # Compiling and opening a card may take minutes; a probe of TLS does not exist, hence a port of its own.
        assert box["startupProbe"]["grpc"] == box["readinessProbe"]["grpc"] == {"port": 50052, "service": "ready"}
        assert box["startupProbe"]["periodSeconds"] * box["startupProbe"]["failureThreshold"] >= 300
        assert box["livenessProbe"]["grpc"] == {"port": 50052, "service": "live"}
        assert release.environment(component)["HALFTONE_COMPUTE_HEALTH_PORT"] == "50052"
    for component in ("auth-worker", "beat", "ingest-worker"):
        box = release.pod(component).main()
        assert "readinessProbe" not in box
        assert box["livenessProbe"]["exec"]["command"][:3] == ["python", "-m", "halftone_servicekit.heartbeat"]
        assert release.environment(component)["HALFTONE_HEARTBEAT_FILE"]
    for component in ("postgres", "valkey", "valkey-cache", "objects", "web"):
        box = release.pod(component).main()
        # The default is a second, and a busy disk takes that: a store must not be ended for it.
        assert box["readinessProbe"]["timeoutSeconds"] >= 3
        assert box["livenessProbe"]["timeoutSeconds"] >= 5
        assert "startupProbe" in box


def test_one_process_a_pod() -> None:
    for pod in matrix("gpu").pods():
        words = [word for box in pod.containers() for word in (*box.get("command", []), *box.get("args", []))]
        assert "--workers" not in words


@EVERYWHERE
def test_disruption_and_spread(name: str) -> None:
    release = matrix(name)
    budgets = {item["metadata"]["name"]: item["spec"] for item in release.of("PodDisruptionBudget")}
    for deployment in release.of("Deployment"):
        pod = deployment["spec"]["template"]["spec"]
        title = deployment["metadata"]["name"]
        if title.endswith(("-beat", "-gpu-placeholder")):
            assert title not in budgets
            continue
        assert (budgets[title]["maxUnavailable"], budgets[title]["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")
        spread = {rule["topologyKey"]: rule for rule in pod["topologySpreadConstraints"]}
        assert set(spread) == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
        for rule in spread.values():
            assert rule["whenUnsatisfiable"] == "ScheduleAnyway"
            assert rule["matchLabelKeys"] == ["pod-template-hash"]


def test_where_pods_go_is_for_the_person_to_say() -> None:
    pod = matrix("everything-on").pod("auth")
    assert pod.spec["nodeSelector"] == {"pool": "system"}
    assert pod.spec["tolerations"] == [{"key": "system", "operator": "Exists"}]
    assert "nodeAffinity" in pod.spec["affinity"]
    assert pod.spec["priorityClassName"] == "high"
    assert pod.labels["example.org/tier"] == "web"
    assert pod.labels["team"] == "data"


def test_images_come_from_where_the_person_says() -> None:
    release = matrix("everything-on")
    images = {pod.component: [box["image"] for box in pod.containers()] for pod in release.pods()}
    assert all(image.startswith("registry.example.org/mirror/") for found in images.values() for image in found)
    assert images["gateway"] == [f"registry.example.org/mirror/halftone-gateway@sha256:{'0' * 64}"]
    assert images["web"] == ["registry.example.org/mirror/halftone-web:0.1.0-rc.1"]
    assert images["postgres"] == ["registry.example.org/mirror/library/postgres:17"]
    for pod in release.pods():
        assert pod.spec["imagePullSecrets"] == [{"name": "mirror"}]
        assert {box["imagePullPolicy"] for box in pod.containers()} == {"Always"}


def test_our_images_may_come_from_elsewhere_than_those_of_others() -> None:
    release = render(image={"registry": "registry.example.org/halftone/", "tag": "1"})
    images = {box["image"] for pod in release.pods() for box in pod.containers()}
    ours = {image for image in images if "/halftone-" in image}
    assert ours == {
        f"registry.example.org/halftone/halftone-{name}:1" for name in ("auth", "compute-cpu", "gateway", "web")
    }
    assert all(image.startswith("docker.io/") for image in images - ours)


def test_a_process_can_say_where_it_runs() -> None:
    environment = matrix("everything-on").environment("compute-gpu")
    assert environment["HALFTONE_OTLP_ENDPOINT"] == "http://collector.monitoring:4317"
    assert "k8s.pod.name=$(POD_NAME)" in environment["OTEL_RESOURCE_ATTRIBUTES"]
    assert environment["POD_NAME"] == {"fieldRef": {"fieldPath": "metadata.name"}}
    assert "HALFTONE_OTLP_ENDPOINT" not in matrix("default").environment("compute-cpu")


def test_sources_of_imports_lie_at_the_same_path_in_auth_and_the_ingest_worker() -> None:
    nfs = {"server": "files.example.org", "path": "/weather", "readOnly": True}
    roots = [{"name": "weather", "volume": {"nfs": nfs}}, {"name": "archive", "url": "s3://measurements/2024"}]
    release = render(importRoots=roots, auth={"quota": "10Gi"})
    for component in ("auth", "ingest-worker"):
        pod = release.pod(component)
        given = release.environment(component)["HALFTONE_IMPORT_ROOTS"]
        assert given == "weather=/srv/import/weather,archive=s3://measurements/2024"
        mount = {"name": "import-weather", "mountPath": "/srv/import/weather", "readOnly": True}
        assert mount in pod.main()["volumeMounts"]
        assert {"name": "import-weather", "nfs": nfs} in pod.spec["volumes"]
    assert release.environment("auth")["HALFTONE_QUOTA_BYTES"] == str(10 << 30)
    assert "HALFTONE_IMPORT_ROOTS" not in render().environment("auth")
