"""The Tiltfile, executed: which clusters, which images, what is copied where, CPU by default and cards by flag."""

import re
from functools import cache

import pytest
import starlark
import yaml

from tests.e2e.product import ROOT

from .world import World

SOURCE = (ROOT / "Tiltfile").read_text()
LOCAL = {"colima", "docker-desktop", "k3d-halftone", "kind-halftone", "minikube", "orbstack", "rancher-desktop"}
SITE = "/app/.venv/lib/python3.11/site-packages"


@cache
def tilt(gpu: bool = False) -> World:
    """What `tilt up` asks for, or `tilt up -- --gpu`."""
    world = World({"gpu": True} if gpu else {})
    world.run(SOURCE)
    return world


def images(world: World) -> dict[str, dict[str, object]]:
    """Image → the arguments of its build."""
    return {call.args[0]: {"context": call.args[1], **call.kwargs} for call in world.of("docker_build")}


def used(world: World) -> set[str]:
    """Our images in the pods of the release, without registry and tag."""
    text = yaml.safe_dump_all(world.objects)
    return set(re.findall(r"image: (?:\S+/)?(halftone-[a-z0-9-]+)", text))


def test_only_clusters_of_this_machine() -> None:
    (call,) = tilt().of("allow_k8s_contexts")
    assert set(call.args[0]) == LOCAL


@pytest.mark.parametrize("gpu", [False, True])
def test_every_image_of_the_release_is_built_and_live(gpu: bool) -> None:
    world = tilt(gpu)
    built = images(world)
    assert used(world) == {name for name in built if not name.endswith("-base")}
    for name in used(world):
        steps = built[name]["live_update"]
        assert isinstance(steps, list)
        assert [step for step in steps if step["step"] == "sync"], name
        assert f"FROM {name}-base\n" in str(built[name]["dockerfile_contents"])
        assert (ROOT / str(built[f"{name}-base"]["dockerfile"])).is_file()


@pytest.mark.parametrize("gpu", [False, True])
def test_every_synced_path_exists_and_is_watched(gpu: bool) -> None:
    world = tilt(gpu)
    made = {call.args[0].removeprefix("mkdir -p ") for call in world.of("local") if "mkdir" in call.args[0]}
    for name in used(world):
        build = images(world)[name]
        steps = build["live_update"]
        assert isinstance(steps, list)
        for step in steps:
            paths = step["args"][0] if step["step"] == "fall_back_on" else step["args"][:1]
            for path in paths if step["step"] != "run" else []:
                assert (ROOT / path).exists() or path in made, path
                # Tilt looks only at what is in the context and not left out of it.
                watched = build.get("only", [build["context"]])
                assert isinstance(watched, list)
                assert path in watched, path


def test_python_images_restart_and_start_over_when_the_lock_changes() -> None:
    for name, build in images(tilt(gpu=True)).items():
        if name.endswith(("-base", "-web")):
            continue
        steps = build["live_update"]
        assert isinstance(steps, list)
        assert steps[0]["step"] == "fall_back_on"
        assert "uv.lock" in steps[0]["args"][0]
        assert {step["args"][1] for step in steps if step["step"] == "sync"} == {SITE}
        assert steps[-1] == {"step": "run", "args": ["touch /tmp/restart"]}


def test_the_layer_names_the_packages_that_are_synced() -> None:
    for name, build in images(tilt(gpu=True)).items():
        if name.endswith(("-base", "-web")):
            continue
        sources = [step["args"][0] for step in build["live_update"] if step["step"] == "sync"]  # type: ignore[attr-defined]
        wanted = {
            path.name for source in sources for path in (ROOT / source).iterdir() if (path / "__init__.py").exists()
        }
        (listed,) = re.findall(r"for package in ([^;]+);", str(build["dockerfile_contents"]))
        assert wanted - {"halftone"} <= set(listed.split()), name
        assert SITE in str(build["dockerfile_contents"])


def test_what_layers_copy_is_let_into_builds() -> None:
    let_in = (ROOT / ".dockerignore").read_text().splitlines()
    assert "!deploy/tilt/restart.py" in let_in
    assert (ROOT / "deploy/tilt/restart.py").is_file()


def test_the_paths_are_those_of_the_images() -> None:
    for service in ("auth-django", "gateway-fastapi", "compute-grpc"):
        text = (ROOT / "services" / service / "Dockerfile").read_text()
        assert "UV_PROJECT_ENVIRONMENT=/app/.venv" in text
        assert "bookworm" in text, "another Debian has another Python than site-packages of 3.11"
    assert "/srv/halftone" in (ROOT / "frontend/Dockerfile").read_text()


def test_processors_by_default_and_cards_by_flag() -> None:
    plain, cards = tilt(), tilt(gpu=True)
    assert "halftone-compute-cuda12" not in images(plain)
    assert "halftone-compute-cuda12" in images(cards)
    assert "nvidia.com/gpu" not in yaml.safe_dump_all(plain.objects)
    assert "nvidia.com/gpu" in yaml.safe_dump_all(cards.objects)
    assert "compute-gpu" not in {call.args[0] for call in plain.of("k8s_resource")}
    assert engines(plain) == {"halftone-compute-cpu": "cpu"}
    assert engines(cards) == {"halftone-compute-cpu": "cpu", "halftone-compute-gpu": "auto"}


def engines(world: World) -> dict[str, str]:
    """What each pool of compute draws with."""
    return {
        found["metadata"]["name"]: variable["value"]
        for found in world.objects
        if found["kind"] == "Deployment"
        for variable in found["spec"]["template"]["spec"]["containers"][0]["env"]
        if variable["name"] == "HALFTONE_COMPUTE_BACKEND"
    }


@pytest.mark.parametrize("gpu", [False, True])
def test_every_workload_is_a_resource_in_its_order(gpu: bool) -> None:
    world = tilt(gpu)
    named = {call.args[0]: call.kwargs for call in world.of("k8s_resource")}
    assert set(named) == set(world.resources.values())
    known = set(named) | {call.args[0] for call in world.of("local_resource")}
    for name, options in named.items():
        assert set(options.get("resource_deps", [])) <= known, name
        assert options["labels"], name
    assert named["web"]["port_forwards"] == ["3000:3000"]
    assert [name for name, options in named.items() if "port_forwards" in options] == ["web"]


def test_pods_take_files_and_no_hook_is_needed() -> None:
    text = yaml.safe_dump_all(tilt().objects)
    assert "readOnlyRootFilesystem: false" in text
    assert "readOnlyRootFilesystem: true" not in text
    hooks = [found for found in tilt().objects if "helm.sh/hook" in found["metadata"].get("annotations", {})]
    assert {found["metadata"]["annotations"]["helm.sh/hook"] for found in hooks} <= {"test"}


def test_secrets_are_made_and_never_rendered_anew() -> None:
    """Tilt renders the chart at every change: a secret that the chart makes would be another each time."""
    world = tilt()
    assert not [found for found in world.objects if found["kind"] == "Secret"]
    (folder,) = [call.args[0] for call in world.of("kustomize")]
    assert [call for call in world.of("local") if f"make_secrets.py {folder}" in call.args[0]]
    assert folder.startswith(".halftone/")


def test_ci_gives_up() -> None:
    (call,) = tilt().of("ci_settings")
    assert {"timeout", "readiness_timeout"} <= set(call.kwargs)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("allow_k8s_contexts(", "allow_k8s_context("), starlark.StarlarkError),
        (("docker_build(\n", "docker_build(,\n"), starlark.StarlarkError),
        (("config.parse()", "config.purse()"), starlark.StarlarkError),
        (("ci/tilt.yaml", "ci/no-such.yaml"), Exception),
        (("gpu.enabled=%s", "gpu.on=%s"), Exception),
    ],
)
def test_a_broken_tiltfile_fails(change: tuple[str, str], found: type[Exception]) -> None:
    assert change[0] in SOURCE
    with pytest.raises(found):
        World().run(SOURCE.replace(*change))
