"""Which rows lie in a range: narrow numbers are compared as their pictures place them."""

import numpy as np
import pytest
from compute_rig.memory import MemoryVersion
from halftone.v1 import compute_pb2, rows_pb2
from halftone_compute.rows.chosen import Chosen, Span, placed
from halftone_compute.rows.question import rows_question
from halftone_compute.store.base import Block

X = compute_pb2.Axis(column="x", transform=compute_pb2.TRANSFORM_LINEAR)


def mask(values: np.ndarray, span: Span) -> list[bool]:
    return [bool(found) for found in span.mask(Block(0, {"x": values}, {}), MemoryVersion("v", {"x": values}))]


def test_a_narrow_number_is_compared_in_full() -> None:
    tenth = np.array([0.1], "f4")
    assert mask(tenth, Span(X, 0.1, 1.0)) == [True]
    assert mask(tenth, Span(X, float(np.nextafter(np.float64(tenth[0]), 1)), 1.0)) == [False]


@pytest.mark.parametrize(("closed", "expected"), [(False, [True, False]), (True, [True, True])])
def test_the_upper_end_is_left_out_unless_closed(closed: bool, expected: list[bool]) -> None:
    assert mask(np.array([1.0, 2.0]), Span(X, 1.0, 2.0, closed)) == expected


def test_what_has_no_place_lies_in_no_range() -> None:
    values = np.array([np.nan, np.inf, -np.inf, 0.0])
    assert mask(values, Span(X, -np.inf, np.inf)) == [False, False, False, True]
    block = Block(0, {"x": np.array([0, 5])}, {"x": np.array([False, True])})
    np.testing.assert_array_equal(placed(X, block, MemoryVersion("v", {"x": np.array([0, 5])})), [np.nan, 5.0])


def test_steps_that_there_are_not_match_nothing_and_take_no_room() -> None:
    version = MemoryVersion("v", {"c": np.array([0, 1, 2], np.int32)}, {"c": "category"})
    axis = compute_pb2.Axis(column="c", transform=compute_pb2.TRANSFORM_CATEGORY)
    (block,) = version.blocks(("c",), None)
    for others, expected in ((False, [False, True, False]), (True, [True, False, True])):
        given = compute_pb2.RowRange(axis=axis, steps=[1, 2**32 - 1], others=others)
        request = compute_pb2.RowsRequest(ranges=[given], limit=1, format=rows_pb2.ROWS_FORMAT_CELLS)
        chosen = Chosen(rows_question(request, version))
        assert chosen.spans[0].steps is not None
        assert len(chosen.spans[0].steps) == 3
        found = chosen.mask(block)
        assert found is not None
        assert found.tolist() == expected
