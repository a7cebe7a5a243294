"""Reductions: found by a scan, in their order; one more is one file in any folder on the path."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from halftone.v1 import compute_pb2
from halftone_views.reduction import by_name, reduction_of, reductions, statistics
from views_rig.folders import RANGE

SHOWN = """
import json
from halftone_views import kind_schemas
from halftone_views.reduction import reduction_of
option = kind_schemas()["points"]["properties"]["reduction"]
print(json.dumps([option["enum"], option["x-halftone-labels"]["range"], reduction_of("range").gathered()]))
"""


def test_the_reductions_of_the_package_are_found_in_their_order() -> None:
    assert list(reductions()) == [*("count", "any", "sum", "mean", "min", "max", "std", "var", "first", "last", "mode")]
    with pytest.raises(KeyError):
        reduction_of("nothing")


def test_statistics_are_no_reductions_of_every_kind() -> None:
    assert list(statistics()) == ["distinct", "median", "p05", "p25", "p75", "p90", "p95", "p99"]
    assert reduction_of("median").share == 0.5


def test_rows_are_always_gathered_and_values_with_their_number() -> None:
    assert reduction_of("count").gathered() == [compute_pb2.ACCUMULATOR_COUNT]
    assert reduction_of("mean").gathered() == [
        compute_pb2.ACCUMULATOR_COUNT,
        compute_pb2.ACCUMULATOR_VALID,
        compute_pb2.ACCUMULATOR_ADD,
    ]
    assert not reduction_of("any").needs_value
    assert reduction_of("var").needs_value


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({}, "two reductions have the name 'mean'"),
        ({"name": ""}, "'' needs a name and a label"),
        ({"name": "average", "label": ""}, "'average' needs a name and a label"),
    ],
)
def test_an_unsound_reduction_is_refused(changes: dict[str, Any], complaint: str) -> None:
    mean = reduction_of("mean")
    with pytest.raises(TypeError, match=complaint):
        by_name([mean, replace(mean, **{"name": "mean", "label": "Another", **changes})])


def test_one_file_in_another_folder_adds_a_reduction_which_comes_last(tmp_path: Path) -> None:
    folder = tmp_path / "halftone_views" / "reductions"
    folder.mkdir(parents=True)
    (folder / "range.py").write_text(RANGE, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", SHOWN],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": path},
    )
    names, label, gathered = json.loads(done.stdout)
    assert names == [*reductions(), "range"]
    assert label == "Range"
    assert gathered == [
        compute_pb2.ACCUMULATOR_COUNT,
        compute_pb2.ACCUMULATOR_VALID,
        compute_pb2.ACCUMULATOR_MIN,
        compute_pb2.ACCUMULATOR_MAX,
    ]
