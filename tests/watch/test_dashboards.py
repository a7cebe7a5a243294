"""The committed dashboards are those of their source, and hang together."""

import filecmp
import json
import subprocess
import sys
from pathlib import Path

import pytest

from .watched import DASHBOARDS, ROOT

BOARDS = sorted(DASHBOARDS.glob("*.json"))


def test_they_are_fresh(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "deploy" / "grafana" / "dashboards.py", tmp_path], check=True)
    names = [path.name for path in BOARDS]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert filecmp.cmpfiles(tmp_path, DASHBOARDS, names, shallow=False) == (names, [], []), "run `make gen`"


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_panels_do_not_cover_each_other(path: Path) -> None:
    board = json.loads(path.read_text())
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]]
    assert len(set(places)) == len(places) >= 6
    assert all(
        target["expr"].count("(") == target["expr"].count(")")
        for panel in board["panels"]
        for target in panel["targets"]
    )
    assert not [
        panel["title"] for panel in board["panels"] if 'namespace="$namespace"' not in panel["targets"][0]["expr"]
    ]
