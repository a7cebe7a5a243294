"""deploy/kustomize is the chart's render, and every overlay builds from it."""

import base64
import copy
import filecmp
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from cryptography import x509

from deploy.kustomize import generate, make_secrets
from tests.cluster.tools import program
from tests.e2e.product import ROOT

FOLDER = ROOT / "deploy" / "kustomize"
OVERLAYS = ["dev-cpu", "prod", "single-gpu"]
WORKLOADS = ("Deployment", "StatefulSet", "Job")

Object = dict[str, Any]
Objects = dict[tuple[str, str], Object]


def build(folder: Path) -> Objects:
    """What `kubectl kustomize` makes of a folder."""
    command = [str(program("kubectl")), "kustomize", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = [document for document in yaml.safe_load_all(done.stdout) if document]
    return {(document["kind"], document["metadata"]["name"]): document for document in found}


def composed(folder: Path, *components: str) -> Objects:
    """Base and components, put together in a folder of its own, without the namespace."""
    folder.mkdir(exist_ok=True)
    for name in ("base", "components"):
        target = folder / name
        if not target.exists():
            subprocess.run(["cp", "-r", FOLDER / name, target], check=True)
    overlay = folder / "-".join(("overlay", *components)).replace("/", "-")
    overlay.mkdir()
    parts = {"resources": ["../base"], "components": [f"../components/{name}" for name in components]}
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump(parts))
    return comparable(build(overlay))


def comparable(objects: Objects) -> Objects:
    """Without the namespace; variables of a container in the order of their names; no key without a value."""
    result = copy.deepcopy(objects)
    for document in result.values():
        document["metadata"].pop("namespace", None)
        for subject in document.get("subjects", []):
            subject.pop("namespace", None)
        for container in containers(document):
            container.get("env", []).sort(key=lambda variable: variable["name"])
    return {key: cast("Object", without_empty(document)) for key, document in result.items()}


def without_empty(value: object) -> object:
    """kustomize drops what is null."""
    if isinstance(value, dict):
        return {key: without_empty(item) for key, item in value.items() if item is not None}
    return [without_empty(item) for item in value] if isinstance(value, list) else value


def containers(document: Object) -> Iterator[Object]:
    spec = document.get("spec", {}).get("template", {}).get("spec", {}) if document["kind"] in WORKLOADS else {}
    yield from spec.get("containers", [])
    yield from spec.get("initContainers", [])


def rendered(*settings: str) -> Objects:
    """The chart's render with the values of base."""
    return comparable(generate.render(str(program("helm")), *settings))


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.yaml")}


def test_what_is_committed_is_what_the_chart_renders(tmp_path: Path) -> None:
    """Run `make gen` when this fails."""
    generate.write(str(program("helm")), tmp_path)
    fresh = files(tmp_path)
    committed = {name for name in files(FOLDER) if name.startswith(("base/", "components/"))}
    assert committed == fresh
    assert filecmp.cmpfiles(FOLDER, tmp_path, fresh, shallow=False)[1:] == ([], [])


def test_both_helms_render_it_alike() -> None:
    assert generate.render(str(program("helm"))) == generate.render(str(program("helm3")))


@pytest.mark.parametrize(
    ("components", "settings"),
    [
        (["cpu", "gpu"], []),
        (["cpu", "gpu", "embedded-db"], generate.EMBEDDED),
        (["cpu", "gpu", "keda", "keda/cpu", "keda/gpu"], generate.KEDA),
        (["cpu", "gpu", "monitoring"], generate.MONITORING),
    ],
)
def test_base_and_components_are_the_charts_render(tmp_path: Path, components: list[str], settings: list[str]) -> None:
    assert composed(tmp_path, *components) == rendered(*settings)


@pytest.mark.parametrize("pool", ["cpu", "gpu"])
def test_one_pool_alone(tmp_path: Path, pool: str) -> None:
    """Compared with the render of one pool, but for the gateway, which may look for a pool that is not there."""
    others = "gpu.enabled=false" if pool == "cpu" else "computeCpu.enabled=false"
    found, wanted = composed(tmp_path, pool), rendered(others)
    assert found.keys() == wanted.keys()
    different = [key for key in found if found[key] != wanted[key]]
    assert different == [("Deployment", "halftone-gateway")]
    (targets,) = variable(found[different[0]], "HALFTONE_COMPUTE_TARGETS")
    assert targets == "halftone-compute-gpu:50051;halftone-compute-cpu:50051"


@pytest.mark.parametrize("settings", [[], generate.EMBEDDED], ids=["external", "embedded"])
def test_policies_allow_what_the_charts_do(tmp_path: Path, settings: list[str]) -> None:
    found = {key: document for key, document in composed(tmp_path, "netpol").items() if key[0] == "NetworkPolicy"}
    wanted = {
        key: document for key, document in rendered(*settings, *generate.NETPOL).items() if key[0] == "NetworkPolicy"
    }
    assert len(wanted) > 10
    for key, policy in wanted.items():
        assert found[key]["spec"]["podSelector"] == policy["spec"]["podSelector"]
        assert found[key]["spec"]["policyTypes"] == policy["spec"]["policyTypes"]
        for direction in ("ingress", "egress"):
            allowed = found[key]["spec"].get(direction, [])
            assert [rule for rule in policy["spec"].get(direction, []) if rule not in allowed] == [], key


def test_a_difference_that_no_component_can_say_is_an_error() -> None:
    whole = generate.render(str(program("helm")))
    with pytest.raises(ValueError, match="more than variables"):
        generate.added_variables(whole, generate.render(str(program("helm")), "web.replicas=7"))


def variable(document: Object, name: str) -> list[str]:
    return [
        entry["value"]
        for container in containers(document)
        for entry in container.get("env", [])
        if entry["name"] == name
    ]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_overlay_builds_for_one_namespace(overlay: str) -> None:
    found = build(FOLDER / "overlays" / overlay)
    assert {document["metadata"].get("namespace") for document in found.values()} == {"halftone"}
    assert not [key for key in found if key[0] == "Secret"]
    assert "Helm" not in yaml.safe_dump(list(found.values()))


def test_every_overlay_is_tested() -> None:
    assert sorted(path.name for path in (FOLDER / "overlays").iterdir()) == OVERLAYS


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_patch_hits(tmp_path: Path, overlay: str) -> None:
    """Each patch, image, count and replacement changes what is built: a target that matches nothing is silent."""
    subprocess.run(["cp", "-r", FOLDER, tmp_path / "kustomize"], check=True)
    file = tmp_path / "kustomize" / "overlays" / overlay / "kustomization.yaml"
    whole = yaml.safe_load(file.read_text())
    before = build(file.parent)
    tried = 0
    for part in ("patches", "replicas", "images", "replacements"):
        for number in range(len(whole.get(part, []))):
            less = copy.deepcopy(whole)
            gone = less[part].pop(number)
            if part == "replacements":
                # The placeholder already holds the default: another value must arrive.
                settings = file.with_name("settings.yaml")
                text = settings.read_text()
                key = gone["source"]["fieldPath"].split(".")[1]
                settings.write_text(re.sub(rf"^  {key}: .*$", f"  {key}: changed", text, flags=re.MULTILINE))
                less = whole
            file.write_text(yaml.safe_dump(less))
            assert build(file.parent) != before, gone
            tried += 1
            if part == "replacements":
                settings.write_text(text)
    assert tried >= 4


def test_the_gateway_of_one_card_prefers_it() -> None:
    found = build(FOLDER / "overlays" / "single-gpu")
    card = found["Deployment", "halftone-compute-gpu"]["spec"]
    assert card["template"]["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] in (1, "1")
    assert (card["replicas"], card["strategy"]) == (1, {"type": "Recreate"})
    assert not [key for key in found if key == ("HorizontalPodAutoscaler", "halftone-compute-gpu")]


def test_never_two_scalers_on_one_target() -> None:
    for overlay in OVERLAYS:
        found = build(FOLDER / "overlays" / overlay)
        targets = [
            document["spec"]["scaleTargetRef"]["name"]
            for (kind, _), document in found.items()
            if kind in ("HorizontalPodAutoscaler", "ScaledObject")
        ]
        assert len(targets) == len(set(targets)), overlay
        assert {("Deployment", name) for name in targets} <= set(found), overlay


def test_the_secrets_are_those_that_pods_ask_for(tmp_path: Path) -> None:
    made = make_secrets.make(tmp_path)
    assert made == list(make_secrets.SECRETS)
    assert make_secrets.make(tmp_path) == []
    assert {path.stat().st_mode & 0o077 for path in tmp_path.rglob("*")} == {0}
    secrets = {name: document["data"] for (_, name), document in build(tmp_path).items()}
    assert asked_for(composed(tmp_path / "asked", "cpu", "gpu", "embedded-db")) <= {
        (name, key) for name, data in secrets.items() for key in (*data, "*")
    }
    assert len(base64.b64decode(secrets["halftone-auth"]["secret-key"])) >= 50


def test_both_ends_of_computes_port_are_of_one_authority() -> None:
    made = make_secrets.compute_tls()
    authority, server, client = (
        x509.load_pem_x509_certificate(made[f"{name}.crt"].encode()) for name in ("ca", "tls", "client")
    )
    for certificate, name in ((server, "compute.halftone"), (client, "gateway.halftone")):
        certificate.verify_directly_issued_by(authority)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == [name]


def asked_for(objects: Objects) -> set[tuple[str, str]]:
    """Secrets that pods name, with the key; `*` for a whole secret as a folder."""
    found: set[tuple[str, str]] = set()
    for document in objects.values():
        for container in containers(document):
            references = [entry.get("valueFrom", {}).get("secretKeyRef") for entry in container.get("env", [])]
            found |= {(reference["name"], reference["key"]) for reference in references if reference}
        spec = document.get("spec", {}).get("template", {}).get("spec", {}) if document["kind"] in WORKLOADS else {}
        for volume in spec.get("volumes", []):
            if secret := volume.get("secret"):
                keys = [item["key"] for item in secret.get("items", [])] or ["*"]
                found |= {(secret["secretName"], key) for key in keys}
    assert len(found) > 8
    return found
