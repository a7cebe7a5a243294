"""The arrays of a picture: the type that numbers are gathered in. The conformance suite holds the planes to NumPy."""

import numpy as np
import pytest
from compute_rig.cells import Region
from compute_rig.conformance import COUNT, FIRST, FREE, LATTICE, MAX, MIN, SQUARES, SUM, Accumulators, planes
from halftone_compute.backends.base import Cancel, Task
from halftone_compute.backends.cpu.canvas import wide
from halftone_compute.backends.cpu.engine import CpuEngine, canvas_of
from halftone_compute.store.base import ROW_NUMBER, Block


@pytest.mark.parametrize(
    ("accumulators", "dtype", "expected"),
    [
        (SUM, "i4", "f8"),
        (MAX, "f4", "f8"),
        (MIN, "u2", "u8"),
        (MIN, "i2", "i8"),
        (FIRST, "f4", "f8"),
        (FIRST, "u8", "u8"),
    ],
)
def test_three_types_serve_every_column(accumulators: Accumulators, dtype: str, expected: str) -> None:
    task = Task(LATTICE, accumulators, "x", "y", 1, value="v", value_dtype=np.dtype(dtype))
    assert wide(task, accumulators[-1]) == np.dtype(expected)


def test_sums_that_fit_are_whole() -> None:
    task = Task(LATTICE, SUM, "x", "y", 1, value="v", value_dtype=np.dtype("u1"), whole_sums=True)
    assert wide(task, SUM[-1]) == np.dtype(np.int64)


@pytest.mark.parametrize("region", [LATTICE, FREE], ids=["lattice", "free"])
def test_codes_that_have_no_plane_go_to_the_last_one_or_to_none(region: Region) -> None:
    codes = np.array([0, 1, 2, 7, -1, 1], np.int32)
    rows = {"x": np.array([1.0, 1, 1, 1, 1, 1e9]), "y": np.ones(6), "c": codes}
    for other, expected in ((False, [1, 1]), (True, [1, 3])):
        task = Task(region, COUNT, "x", "y", 6, category="c", categories=2, other=other)
        found = planes(CpuEngine(), task, Block(0, rows, {}))
        assert [int(plane.cells.sum()) for plane in found] == expected


def test_the_least_and_greatest_of_a_type_are_found() -> None:
    for dtype in ("i8", "u8"):
        bounds = np.iinfo(dtype)
        rows = {"x": np.zeros(2), "y": np.zeros(2), "v": np.array([bounds.max, bounds.min], dtype)}
        task = Task(LATTICE, (*MIN, MAX[-1]), "x", "y", 2, value="v", value_dtype=np.dtype(dtype))
        *_, least, greatest = planes(CpuEngine(), task, Block(0, rows, {}))
        assert (int(least.cells.min()), int(greatest.cells.max())) == (bounds.min, bounds.max)


@pytest.mark.parametrize("accumulators", [SUM, MIN, SQUARES, FIRST], ids=["sum", "min", "squares", "first"])
def test_planes_are_the_arrays_that_rows_were_added_to(accumulators: Accumulators) -> None:
    task = Task(LATTICE, accumulators, "x", "y", 2, value="v", value_dtype=np.dtype("f8"))
    canvas = canvas_of(task)
    rows = {"x": np.zeros(2), "y": np.zeros(2), "v": np.array([3.0, np.nan]), ROW_NUMBER: np.arange(2)}
    canvas.add(Block(0, rows, {}), Cancel())
    counts, valids, found = canvas.planes()
    for plane, array in ((counts, canvas.counts), (valids, canvas.valids), (found, canvas.found)):
        assert array is not None
        assert np.shares_memory(plane.cells, array)
    assert found.cells[valids.cells == 0].tolist() == [0] * (task.cells - 1)
