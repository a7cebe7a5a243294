"""Alerts fire when they should, and each has a page that says what to do."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .watched import ROOT, RULES, alerts

CASES = Path(__file__).parent / "rules_test.yaml"
RUNBOOKS = ROOT / "docs" / "operations" / "runbooks.md"

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="needs promtool: tests/watch/promtool.sh installs it"
)


@needs_promtool
@pytest.mark.parametrize(
    "arguments", [("check", "rules", str(RULES)), ("test", "rules", str(CASES))], ids=lambda a: a[0]
)
def test_promtool_agrees(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_seen_to_fire() -> None:
    cases = CASES.read_text()
    untested = [name for name, _ in alerts() if not re.search(rf"alertname: {name}\n\s+exp_alerts:\n", cases)]
    assert not untested


def test_every_alert_has_a_runbook_and_no_runbook_is_left_over() -> None:
    told = set(re.findall(r"^## (Halftone\w+)$", RUNBOOKS.read_text(), re.MULTILINE))
    assert told == {name for name, _ in alerts()}
