"""deploy/compose: what Compose makes of it, and that everything it names is real."""

import importlib
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from halftone_servicekit.settings import describe

from tests.cluster.tools import program
from tests.e2e.product import ROOT

from .model import FOLDER, Model, Refused, load, parse, secrets, written

# Which program reads a service's environment.
SETTINGS = {
    "auth": "halftone_auth.config.environment.AuthSettings",
    "auth-worker": "halftone_auth.config.environment.AuthSettings",
    "beat": "halftone_auth.config.environment.AuthSettings",
    "migrate": "halftone_auth.config.environment.AuthSettings",
    "gateway": "halftone_gateway.settings.GatewaySettings",
    "compute-cpu": "halftone_compute.settings.ComputeSettings",
    "compute-gpu": "halftone_compute.settings.ComputeSettings",
    "ingest-worker": "halftone_compute.ingest.settings.IngestSettings",
}
# Read by a library: the liveness file, and what containers and caches know.
ELSEWHERE = {"HALFTONE_HEARTBEAT_FILE", "NVIDIA_VISIBLE_DEVICES", "NUMBA_CACHE_DIR", "CUPY_CACHE_DIR"}
ONE_SHOTS = {"migrate", "bucket", "cache-folder"}
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|ACCESS_KEY")
PORTS = {"web": {3000}, "auth": {8000}, "gateway": {8001}, "compute-cpu": {50051, 50052, 9101}, "ingest-worker": {9102}}
STORES = {"postgres": {5432}, "valkey": {6379}, "valkey-cache": {6379}, "objects": {7070}}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What secrets.sh gives."""
    return secrets(tmp_path_factory.mktemp("secrets"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Model:
    """compose.yaml as Compose would run it."""
    return load(tmp_path_factory.mktemp("compose"), environment)


@pytest.fixture(scope="module")
def rendered() -> list[dict[str, Any]]:
    """The chart with a card."""
    chart = str(ROOT / "deploy/helm/halftone")
    command = [str(program("helm")), "template", "halftone", chart, "--set", "gpu.enabled=true"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [found for found in yaml.safe_load_all(done.stdout) if found]


def test_every_tier_of_the_seed_is_there(model: Model) -> None:
    assert set(model["services"]) == set(SETTINGS) | set(STORES) | {"web"} | ONE_SHOTS
    assert model["services"]["compute-gpu"]["profiles"] == ["gpu"]
    assert [name for name, service in model["services"].items() if service.get("profiles")] == ["compute-gpu"]


def test_the_loader_refuses_what_is_not_compose(tmp_path: Path) -> None:
    """That it was asked at all."""
    for name, change in {
        "unknown key": {"services": {"a": {"image": "x", "read_onyl": True}}},
        "wrong type": {"services": {"a": {"image": "x", "ports": 8000}}},
    }.items():
        file = tmp_path / f"{name}.yaml"
        file.write_text(yaml.safe_dump(change))
        with pytest.raises(Refused):
            parse(file)


def undeclared(file: Model) -> list[str]:
    """Networks, volumes, secrets and services that one names and no section declares; the loader accepts them."""
    missing = []
    for name, service in file["services"].items():
        mounts = [mount for mount in service.get("volumes", []) if isinstance(mount, str)]
        named = {
            "services": list(service.get("depends_on", [])),
            "networks": list(service.get("networks", [])),
            "secrets": list(service.get("secrets", [])),
            "volumes": [source for source in (mount.partition(":")[0] for mount in mounts) if source[:1] not in "./"],
        }
        missing += [f"{name}: {kind} {one}" for kind in named for one in named[kind] if one not in file.get(kind, {})]
    return missing


def test_everything_that_is_named_is_declared() -> None:
    assert not undeclared(written())
    services = {"a": {"depends_on": ["b"], "networks": ["n"], "secrets": ["s"], "volumes": ["v:/v", "./here:/v"]}}
    assert len(undeclared({"services": services})) == 4


def test_services_wait_for_services(model: Model) -> None:
    services = model["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            finished = how["condition"] == "service_completed_successfully"
            assert finished == (other in ONE_SHOTS), f"{name} waits for {other}"
            assert finished or "healthcheck" in services[other], f"{name} waits for {other}"


@pytest.mark.parametrize("missing", ["HALFTONE_SECRET_KEY", "HALFTONE_DATABASE_PASSWORD", "HALFTONE_ADMIN_PASSWORD"])
def test_without_secrets_it_says_what_to_run(tmp_path: Path, environment: dict[str, str], missing: str) -> None:
    with pytest.raises(Refused, match=rf"{missing}: Run deploy/compose/secrets\.sh"):
        load(tmp_path, {name: value for name, value in environment.items() if name != missing})


def test_secrets_are_made_once_and_for_you_alone(tmp_path: Path) -> None:
    first = secrets(tmp_path)
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert len(set(first.values())) == len(first)
    assert min(len(value) for value in first.values()) >= 20
    assert len(first["HALFTONE_SECRET_KEY"]) >= 50
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in list(first.items())[1:]))
    second = secrets(tmp_path)
    changed = [name for name in first if first[name] != second[name]]
    assert changed == ["HALFTONE_SECRET_KEY"]


def test_secrets_are_what_the_file_asks_for() -> None:
    text = (FOLDER / "compose.yaml").read_text()
    asked = {name for name in re.findall(r"\$\{(\w+)", text) if SECRET.search(name)}
    made = set(re.findall(r"^make (\w+)", (FOLDER / "secrets.sh").read_text(), re.MULTILINE))
    assert asked == made


def test_no_secret_is_written_down() -> None:
    for name, service in written()["services"].items():
        for variable, value in service.get("environment", {}).items():
            if SECRET.search(variable) or "://" in value.replace("http://", "").replace("s3://", ""):
                assert "${HALFTONE_" in value, f"{name}: {variable}"


@pytest.mark.parametrize("name", SETTINGS)
def test_every_variable_is_a_setting(model: Model, name: str) -> None:
    module, _, cls = SETTINGS[name].rpartition(".")
    known = {row.variable for row in describe(getattr(importlib.import_module(module), cls))}
    given = set(model["services"][name]["environment"])
    assert sorted(given - known - ELSEWHERE) == []


def test_only_the_container_with_a_card_looks_for_one(
    tmp_path: Path, environment: dict[str, str], model: Model
) -> None:
    """By default it goes on without; a person may hold it to the card, and to a part of its memory."""

    def engine(services: Model, name: str) -> list[str | None]:
        found = services["services"][name]["environment"]
        asked = ("NVIDIA_VISIBLE_DEVICES", "HALFTONE_COMPUTE_BACKEND", "HALFTONE_COMPUTE_GPU_BYTES")
        return [found.get(name) and str(found[name]) for name in asked]

    assert engine(model, "compute-cpu") == ["void", "cpu", None]
    assert engine(model, "compute-gpu") == ["all", "auto", None]
    settings = {"HALFTONE_GPU": "1", "HALFTONE_COMPUTE_BACKEND": "gpu", "HALFTONE_COMPUTE_GPU_BYTES": "1000000000"}
    held = load(tmp_path, {**environment, **settings})
    assert engine(held, "compute-cpu") == ["void", "cpu", None]
    assert engine(held, "compute-gpu") == ["1", "gpu", "1000000000"]


def test_every_container_is_confined(model: Model) -> None:
    for name, service in model["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.get("privileged"), name
        assert service.get("cap_add", []) == (["CHOWN"] if name == "cache-folder" else []), name
        assert service["restart"] == ("no" if name in ONE_SHOTS else "unless-stopped"), name
        assert ("healthcheck" in service) == (name not in ONE_SHOTS), name
    ours = [*SETTINGS, "web"]
    assert {model["services"][name]["user"] for name in ours} == {"10001:10001"}


def test_ports_are_the_seeds(model: Model) -> None:
    for name, ports in {**PORTS, "compute-gpu": PORTS["compute-cpu"], **STORES}.items():
        service = model["services"][name]
        found = {int(port) for port in service.get("expose", [])} | {
            port["target"] for port in service.get("ports", [])
        }
        assert found == ports, name
    published = {name: service["ports"] for name, service in model["services"].items() if service.get("ports")}
    assert list(published) == ["web"]
    # Bound to loopback unless a setting says otherwise.
    assert [(port["host_ip"], port["published"]) for port in published["web"]] == [("127.0.0.1", "3000")]


def test_only_the_edge_is_on_a_network_with_a_way_out(model: Model) -> None:
    assert model["networks"]["services"]["internal"] is True
    networks = {name: set(service["networks"]) for name, service in model["services"].items()}
    assert networks.pop("web") == {"edge", "services"}
    assert all(found == {"services"} for found in networks.values())


def test_the_edge_is_who_services_believe(model: Model) -> None:
    address = model["services"]["web"]["networks"]["services"]["ipv4_address"]
    for name in ("auth", "gateway"):
        assert model["services"][name]["environment"]["HALFTONE_TRUSTED_PROXIES"] == address


def test_addresses_lead_to_services_and_their_ports(model: Model) -> None:
    address = re.compile(r"(?:(?:http|redis|postgresql)://(?:[^@/]*@)?)?([a-z][a-z-]*):(\d+)")
    found = set()
    for service in model["services"].values():
        for variable, value in service.get("environment", {}).items():
            if variable.startswith("HALFTONE_"):
                found |= {(host, int(port)) for host, port in address.findall(str(value)) if host != "localhost"}
    known = {**PORTS, **STORES, "compute-gpu": PORTS["compute-cpu"]}
    assert {host for host, _ in found} == {
        "auth",
        "compute-cpu",
        "compute-gpu",
        "objects",
        "postgres",
        "valkey",
        "valkey-cache",
    }
    assert [(host, port) for host, port in sorted(found) if port not in known[host]] == []


def test_the_nginx_of_the_image_finds_the_services(model: Model) -> None:
    site = (ROOT / "deploy/nginx/site.conf").read_text()
    named = dict(re.findall(r"default ([a-z]+):(\d+);", site))
    assert {name: {int(port)} for name, port in named.items()} == {name: PORTS[name] for name in ("auth", "gateway")}
    (mount,) = model["services"]["web"]["volumes"]
    assert Path(mount["source"]).name == "site.conf"


def test_images_are_those_of_make_images() -> None:
    script = (ROOT / "deploy/images/build.sh").read_text()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    images = {service["image"] for service in written()["services"].values()}
    ours = {image for image in images if "halftone-" in image}
    assert {image.split("halftone-")[1].split(":")[0] for image in ours} == {
        "auth",
        "gateway",
        "compute-cpu",
        "compute-cuda12",
        "web",
    }
    for image in ours:
        name = image.split("halftone-")[1].split(":")[0]
        assert image == f"${{REGISTRY:+$REGISTRY/}}halftone-{name}:${{TAG:-{version}}}"
        assert re.search(rf"\b{name}\b", script)


def test_other_images_are_the_charts(rendered: list[dict[str, Any]]) -> None:
    ours = {service["image"] for service in written()["services"].values() if "halftone-" not in service["image"]}
    pods = [found["spec"]["template"]["spec"] for found in rendered if found["kind"] == "StatefulSet"]
    charts = {container["image"] for pod in pods for container in pod["containers"]}
    assert ours == charts


def test_commands_are_the_charts(model: Model, rendered: list[dict[str, Any]]) -> None:
    pods = [found["spec"]["template"]["spec"] for found in rendered if found["kind"] in ("Deployment", "Job")]
    commands = {
        container["name"]: container["command"] + container.get("args", [])
        for pod in pods
        for container in pod["containers"]
    }
    for name in SETTINGS:
        assert model["services"][name]["command"] == commands[name], name
    assert model["services"]["objects"]["entrypoint"] + model["services"]["objects"]["command"][:-1] == [
        part for part in charts_objects(rendered) if part != "/data"
    ]


def charts_objects(rendered: list[dict[str, Any]]) -> list[str]:
    (found,) = [
        item for item in rendered if item["kind"] == "StatefulSet" and item["metadata"]["name"] == "halftone-objects"
    ]
    command: list[str] = found["spec"]["template"]["spec"]["containers"][0]["command"]
    return command


def test_https_is_added_by_a_file(tmp_path: Path, environment: dict[str, str]) -> None:
    with pytest.raises(Refused, match="HALFTONE_TLS_FOLDER"):
        load(tmp_path, environment, "compose.yaml", "compose.tls.yaml")
    settings = {**environment, "HALFTONE_TLS_FOLDER": "/etc/letsencrypt"}
    web = load(tmp_path, settings, "compose.yaml", "compose.tls.yaml")["services"]["web"]
    assert {(port["published"], port["target"]) for port in web["ports"]} == {("3000", 3000), ("443", 3443)}
    mounts = {mount["target"]: mount["source"] for mount in web["volumes"]}
    assert Path(mounts["/etc/halftone/listen.conf"]).name == "listen-tls.conf"
    assert mounts["/etc/halftone/tls"] == "/etc/letsencrypt"


def test_a_setting_reaches_the_services(tmp_path: Path, environment: dict[str, str]) -> None:
    settings = {**environment, "HALFTONE_PUBLIC_URL": "https://halftone.example.org", "REGISTRY": "reg/x", "TAG": "7"}
    services = load(tmp_path, settings)["services"]
    assert services["auth"]["environment"]["HALFTONE_ALLOWED_ORIGINS"] == "https://halftone.example.org"
    assert services["gateway"]["environment"]["HALFTONE_ALLOWED_ORIGINS"] == "https://halftone.example.org"
    assert services["web"]["image"] == "reg/x/halftone-web:7"
