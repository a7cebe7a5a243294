"""Pictures are exact however they are made; a reduction that Halftone does not have is one file, shown everywhere."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from compute_rig.exact import assert_exact
from compute_rig.peer import assert_datashader
from compute_rig.questions import places_of, questions, refusals
from compute_rig.tables import RandomTable, tables
from compute_rig.ways import SCAN, WAYS, Ways, small_parts
from halftone.v1 import compute_pb2
from halftone_servicekit.errors import HalftoneError
from halftone_views.kinds.line import EVERY
from halftone_views.reduction import reductions
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

# Of each reduction, by the profile (see conftest.py at the root).
EXAMPLES = settings().max_examples // 20
# What explains a failure takes longer than all the rest.
PHASES = tuple(phase for phase in settings().phases if phase is not Phase.explain)
REDUCTIONS = {**reductions(), EVERY.name: EVERY}
RANGE = '''"""Range: the greatest value less the least."""

from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.reduction import Reduction

RANGE = Reduction(
    name="range",
    label="Range",
    accumulators=(compute_pb2.ACCUMULATOR_MIN, compute_pb2.ACCUMULATOR_MAX),
    finisher=frame_pb2.FINISHER_DIFFERENCE,
    planes=(frame_pb2.PLANE_ROLE_MAX, frame_pb2.PLANE_ROLE_MIN),
    empty=frame_pb2.EMPTY_NO_VALUE,
)
'''


@pytest.fixture(scope="module", autouse=True)
def parts() -> Iterator[None]:
    with small_parts():
        yield


@pytest.mark.parametrize("reduction", REDUCTIONS)
@settings(max_examples=EXAMPLES, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(tables(), st.data())
def test_every_way_to_draw_is_exact(reduction: str, table: RandomTable, data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        ways = Ways(Path(folder), table)
        try:
            for fetch in data.draw(st.lists(questions(table, ways, REDUCTIONS[reduction]), min_size=2, max_size=2)):
                check(ways, table, fetch, reduction)
        finally:
            ways.close()


def check(ways: Ways, table: RandomTable, fetch: compute_pb2.RenderAsk, reduction: str) -> None:
    """Draws in all ways; what is refused shall be refused for a reason."""
    for way in WAYS:
        try:
            pieces, receipt = ways.drawn(way, fetch)
        except HalftoneError as error:
            if (error.code, error.field) not in refusals(ways.version(way).columns, fetch):
                raise
            event("refused")
            continue
        event(f"{way}: {'tiles' if receipt.tiles_read else 'rows' if receipt.rows_scanned else 'nothing'} read")
        for piece, place in zip(pieces, places_of(fetch), strict=True):
            assert_exact(piece, table.rows, fetch.plan, place)
            if way == SCAN:
                assert_datashader(piece, table.rows, fetch.plan, place, reduction)


def test_a_toy_reduction_is_drawn_by_both_engines(tmp_path: Path) -> None:
    folder = tmp_path / "halftone_views" / "reductions"
    folder.mkdir(parents=True)
    (folder / "range.py").write_text(RANGE, encoding="utf-8")
    path = [str(tmp_path), str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-m", "compute_rig.toy_reduction"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["cpu: equal", "gpu: equal"]
