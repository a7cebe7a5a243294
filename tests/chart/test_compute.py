"""The two pools: how a card is asked for, how a new release comes when all cards are taken, where columns are kept."""

from pathlib import PurePath

import pytest

from .render import MATRIX, Release, matrix, refusal, render

GPU = "halftone-compute-gpu"
SURGE = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}}
REPLACE = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
RECREATE = {"type": "Recreate", "rollingUpdate": None}


def test_without_cards_there_is_one_pool() -> None:
    release = matrix("default")
    assert not [item for item in release.objects if "gpu" in item["metadata"]["name"]]
    assert release.environment("gateway")["HALFTONE_COMPUTE_TARGETS"] == "halftone-compute-cpu:50051"


def test_a_card_is_preferred_and_processors_stand_in() -> None:
    targets = matrix("gpu").environment("gateway")["HALFTONE_COMPUTE_TARGETS"]
    assert targets == "halftone-compute-gpu:50051;halftone-compute-cpu:50051"
    alone = matrix("mig")
    assert alone.environment("gateway")["HALFTONE_COMPUTE_TARGETS"] == "halftone-compute-gpu:50051"
    assert "halftone-compute-cpu" not in alone.names("Deployment") | alone.names("Service")


def test_a_card_by_its_name() -> None:
    pod = matrix("gpu").pod("compute-gpu")
    assert pod.main()["resources"]["limits"] == {"memory": "8Gi", "nvidia.com/gpu": "1"}
    assert pod.spec["runtimeClassName"] == "nvidia"
    assert pod.spec["nodeSelector"] == {"nvidia.com/gpu.present": "true"}
    assert pod.spec["tolerations"] == [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
    assert pod.main()["image"] == "halftone-compute-cuda12:0.1.0"
    assert "resourceClaims" not in pod.spec
    other = matrix("gpu").pod("compute-cpu")
    assert set(other.main()["resources"]["limits"]) == {"memory"}
    assert not {"runtimeClassName", "tolerations", "nodeSelector"} & set(other.spec)


def engine(release: Release, component: str) -> dict[str, object]:
    """The variables that say which engine a pool draws with."""
    return {
        name: value
        for name, value in release.environment(component).items()
        if name in ("HALFTONE_COMPUTE_BACKEND", "HALFTONE_COMPUTE_GPU_BYTES", "CUPY_CACHE_DIR")
    }


def test_a_pool_on_cards_draws_on_processors_where_no_card_works() -> None:
    found = engine(matrix("keda"), "compute-gpu")
    assert found == {"HALFTONE_COMPUTE_BACKEND": "auto", "CUPY_CACHE_DIR": "/var/lib/halftone/cache/cupy"}


def test_a_pool_on_cards_can_be_held_to_them_and_to_a_part_of_each() -> None:
    found = engine(matrix("gpu"), "compute-gpu")
    assert (found["HALFTONE_COMPUTE_BACKEND"], found["HALFTONE_COMPUTE_GPU_BYTES"]) == ("gpu", str(40 << 30))
    never = engine(render(gpu={"enabled": True, "backend": "cpu"}), "compute-gpu")
    assert never == {"HALFTONE_COMPUTE_BACKEND": "cpu", "CUPY_CACHE_DIR": "/var/lib/halftone/cache/cupy"}


@pytest.mark.parametrize("gpu", [{"backend": "cuda"}, {"memory": "most"}, {"memory": 20}, {"memory": "20GB"}])
def test_what_no_service_understands_is_refused(gpu: dict[str, object]) -> None:
    assert f"/gpu/{next(iter(gpu))}" in refusal(gpu=gpu)


@pytest.mark.parametrize("name", [name for name in MATRIX if name != "mig"])
def test_a_pool_without_cards_looks_for_none(name: str) -> None:
    assert engine(matrix(name), "compute-cpu") == {"HALFTONE_COMPUTE_BACKEND": "cpu"}


def test_compiled_kernels_are_kept_on_a_disk_that_the_pod_may_write() -> None:
    release = matrix("gpu")
    folder = PurePath(str(release.environment("compute-gpu")["CUPY_CACHE_DIR"]))
    mounts = {mount["mountPath"]: mount for mount in release.pod("compute-gpu").main()["volumeMounts"]}
    (mount,) = [mounts[str(parent)] for parent in folder.parents if str(parent) in mounts]
    assert not mount.get("readOnly")
    volumes = {volume["name"]: volume for volume in release.pod("compute-gpu").spec["volumes"]}
    assert "emptyDir" in volumes[mount["name"]]


def test_a_slice_of_a_card() -> None:
    pod = matrix("mig").pod("compute-gpu")
    assert pod.main()["resources"]["limits"]["nvidia.com/mig-1g.10gb"] == "1"
    assert "runtimeClassName" not in pod.spec


def test_a_card_by_a_claim() -> None:
    release = matrix("dra")
    pod = release.pod("compute-gpu")
    (name,) = release.names("ResourceClaimTemplate")
    assert pod.spec["resourceClaims"] == [{"name": "gpu", "resourceClaimTemplateName": name}]
    assert pod.main()["resources"]["claims"] == [{"name": "gpu"}]
    assert set(pod.main()["resources"]["limits"]) == {"memory"}
    assert release.one("ResourceClaimTemplate", name)["apiVersion"] == "resource.k8s.io/v1"
    (request,) = release.one("ResourceClaimTemplate", name)["spec"]["spec"]["devices"]["requests"]
    assert request["exactly"] == {
        "deviceClassName": "gpu.nvidia.com",
        "allocationMode": "ExactCount",
        "count": 1,
        "selectors": [{"cel": {"expression": "device.attributes['gpu.nvidia.com'].type == 'gpu'"}}],
    }


def test_what_the_api_never_changes_gets_a_new_name() -> None:
    def named(kind: str, **gpu: object) -> set[str]:
        cards = {"enabled": True, "mode": "dra", "placeholders": {"replicas": 1}} | gpu
        return render(gpu=cards).names(kind)

    assert named("ResourceClaimTemplate") == named("ResourceClaimTemplate", runtimeClassName="nvidia")
    assert named("ResourceClaimTemplate").isdisjoint(named("ResourceClaimTemplate", count=2))
    lower = {"replicas": 1, "priority": -20}
    assert named("PriorityClass") == {"pictures-halftone-placeholder-10"}
    assert named("PriorityClass", placeholders=lower) == {"pictures-halftone-placeholder-20"}


@pytest.mark.parametrize(
    ("mode", "replicas", "wanted", "strategy"),
    [
        ("cpu", 1, "auto", REPLACE),
        ("off", 2, "auto", REPLACE),
        ("off", 1, "auto", RECREATE),
        ("off", 1, "surge", SURGE),
        ("cpu", 1, "recreate", RECREATE),
    ],
)
def test_a_new_release_needs_no_card_to_spare(
    mode: str, replicas: int, wanted: str, strategy: dict[str, object]
) -> None:
    values = {"autoscaling": {"mode": mode}, "computeGpu": {"replicas": replicas, "strategy": wanted}}
    assert render("gpu", **values).one("Deployment", GPU)["spec"]["strategy"] == strategy


def test_processors_surge_unless_told_otherwise() -> None:
    assert matrix("gpu").one("Deployment", "halftone-compute-cpu")["spec"]["strategy"] == SURGE
    assert matrix("everything-on").one("Deployment", "halftone-compute-cpu")["spec"]["strategy"] == REPLACE
    assert matrix("default").one("Deployment", "halftone-gateway")["spec"]["strategy"] == SURGE
    assert matrix("default").one("Deployment", "halftone-beat")["spec"]["strategy"] == RECREATE


def test_columns_are_kept_on_a_bounded_disk() -> None:
    release = matrix("gpu")
    volumes = {pod: release.pod(pod).spec["volumes"] for pod in ("compute-cpu", "compute-gpu")}
    (plain,) = [volume for volume in volumes["compute-cpu"] if volume["name"] == "cache"]
    assert plain == {"name": "cache", "emptyDir": {"sizeLimit": "20Gi"}}
    (disk,) = [volume for volume in volumes["compute-gpu"] if volume["name"] == "cache"]
    claim = disk["ephemeral"]["volumeClaimTemplate"]["spec"]
    assert (claim["storageClassName"], claim["resources"]["requests"]["storage"]) == ("local-nvme", "120Gi")
    environment = release.environment("compute-gpu")
    assert environment["HALFTONE_COMPUTE_CACHE_BYTES"] == str(100 << 30)
    assert environment["HALFTONE_COMPUTE_CACHE_FOLDER"] in [
        m["mountPath"] for m in release.pod("compute-gpu").main()["volumeMounts"]
    ]


def test_cards_can_be_held_ready() -> None:
    release = matrix("gpu")
    holder = release.pod("gpu-placeholder")
    assert holder.main()["resources"]["limits"]["nvidia.com/gpu"] == "1"
    (priority,) = release.of("PriorityClass")
    assert holder.spec["priorityClassName"] == priority["metadata"]["name"] == "pictures-halftone-placeholder-10"
    assert priority["value"] < 0
    assert holder.spec["terminationGracePeriodSeconds"] == 0
    # It is Available, for `helm --wait` and the notes too, while every card is taken; surge would ask for more cards.
    waiting = release.one("Deployment", "halftone-gpu-placeholder")["spec"]
    assert waiting["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": "100%"}
    assert waiting["progressDeadlineSeconds"] == 2**31 - 1
    puller = release.pod("gpu-pre-pull")
    assert puller.main()["image"] == release.pod("compute-gpu").main()["image"]
    assert "nvidia.com/gpu" not in puller.main()["resources"]["limits"]
    assert not matrix("keda").of("PriorityClass") + matrix("keda").of("DaemonSet")


def test_pods_are_found_by_name_one_by_one() -> None:
    for name in ("halftone-compute-cpu", GPU):
        spec = matrix("gpu").one("Service", name)["spec"]
        assert spec["clusterIP"] == "None"
        assert "publishNotReadyAddresses" not in spec
        (port,) = spec["ports"]
        # A mesh believes it: clear text only where it is.
        assert (port["name"], port["port"], port["appProtocol"]) == ("grpc", 50051, "https")
    clear = matrix("cpu-only").one("Service", "halftone-compute-cpu")["spec"]["ports"][0]["appProtocol"]
    assert clear == "kubernetes.io/h2c"
