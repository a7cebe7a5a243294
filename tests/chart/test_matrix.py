"""Every file of the matrix renders, is what Kubernetes would take, and is the same by Helm 3 and Helm 4."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.cluster.tools import program

from .render import CHART, MATRIX, matrix, template

# Made new at each render, unless a cluster keeps them.
SECRETS = ("Secret",)


def test_the_matrix_is_whole() -> None:
    wanted = {
        "default",
        "cpu-only",
        "gpu",
        "mig",
        "keda",
        "custom-metrics",
        "external-db",
        "everything-on",
        "single-node",
    }
    assert wanted <= set(MATRIX)


@pytest.mark.parametrize("name", MATRIX)
def test_helm_finds_nothing_to_criticise(name: str) -> None:
    command = [str(program("helm")), "lint", "--strict", str(CHART), "-f", str(CHART / "ci" / f"{name}.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", MATRIX)
def test_no_object_comes_twice(name: str) -> None:
    names = [(item["kind"], item["metadata"]["name"]) for item in matrix(name).objects]
    assert len(names) > 30
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", MATRIX)
def test_helm_3_and_helm_4_agree(name: str) -> None:
    three, four = matrix(name, "helm3").objects, matrix(name).objects
    kept = [[item for item in found if item["kind"] not in SECRETS] for found in (three, four)]
    assert kept[0] == kept[1]
    assert [item["metadata"] for item in three] == [item["metadata"] for item in four]


def test_an_old_kubernetes_is_refused() -> None:
    done = template("--kube-version", "1.31.0")
    assert done.returncode
    assert "kubeVersion" in done.stderr
    assert template("--kube-version", "1.33.0").returncode == 0


def test_the_chart_packs_without_a_network(tmp_path: Path) -> None:
    subprocess.run([str(program("helm")), "package", str(CHART), "-d", str(tmp_path)], check=True, capture_output=True)
    (packed,) = tmp_path.glob("*.tgz")
    listed = subprocess.run(["tar", "tzf", str(packed)], capture_output=True, text=True, check=True).stdout
    assert "halftone/values.schema.json" in listed
    assert "halftone/ci/" not in listed
    assert not (CHART / "charts").exists()


def test_the_chart_says_what_it_is() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert chart["kubeVersion"] == ">=1.33.0-0"
    assert chart["maintainers"]
    assert "dependencies" not in chart
    named = yaml.safe_load(chart["annotations"]["artifacthub.io/images"])
    ours = {entry["image"] for entry in named}
    used = {box["image"] for name in ("default", "gpu") for pod in matrix(name).pods() for box in pod.containers()}
    assert ours == {image for image in used if image.startswith("halftone-")}
    assert all(image.endswith(f":{chart['appVersion']}") for image in ours)


def test_notes_tell_how_to_begin() -> None:
    command = [str(program("helm")), "install", "halftone", str(CHART), "-n", "pictures", "--dry-run=client"]
    notes = subprocess.run(command, capture_output=True, text=True, check=True).stdout.partition("NOTES:")[2]
    assert "kubectl -n pictures port-forward service/halftone-web 3000:3000" in notes
    assert "kubectl -n pictures get secret halftone-admin" in notes
    assert re.search(r"Postgres +NO", notes)
    assert not re.search(r"<no value>|%!", notes)
