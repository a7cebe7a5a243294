"""A reduction that Halftone does not have is one file: both engines, tiles, free viewports and `Draw` show it."""

import os
import subprocess
import sys
from pathlib import Path

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
