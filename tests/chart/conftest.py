"""The tests of the chart need Helm, which is built at the first run."""

import pytest

from tests.cluster.tools import ToolMissing, program


@pytest.fixture(scope="session", autouse=True)
def helm() -> None:
    """Builds both releases of Helm; without them no test of this folder counts as passed."""
    try:
        program("helm")
        program("helm3")
    except ToolMissing as missing:
        pytest.skip(f"NOT RUN: the chart was not rendered at all. {missing}")
