"""Lines out of planes: how far each column reaches, and which columns are joined."""

import numpy as np
from halftone.v1 import frame_pb2
from halftone_wire import Plane, finish, lines_of

NAN = float("nan")
SPAN = frame_pb2.Quantity(
    finisher=frame_pb2.FINISHER_SPAN,
    planes=[
        frame_pb2.PLANE_ROLE_EARLIEST,
        frame_pb2.PLANE_ROLE_LATEST,
        frame_pb2.PLANE_ROLE_MIN,
        frame_pb2.PLANE_ROLE_MAX,
    ],
    empty=frame_pb2.EMPTY_NO_VALUE,
    within_value=True,
)
MEAN = frame_pb2.Quantity(
    finisher=frame_pb2.FINISHER_RATIO,
    planes=[frame_pb2.PLANE_ROLE_SUM],
    empty=frame_pb2.EMPTY_NO_VALUE,
    within_value=True,
)


def planes(category: int = 0, **cells: list[float]) -> list[Plane]:
    return [
        Plane(frame_pb2.PlaneRole.Value(f"PLANE_ROLE_{role}"), np.array([row]), category) for role, row in cells.items()
    ]


def test_a_span_is_four_numbers_a_cell_none_of_which_is_known_without_a_value() -> None:
    made = planes(COUNT=[2, 1], VALID=[2, 0], EARLIEST=[1, NAN], LATEST=[2, NAN], MIN=[0, 0], MAX=[3, 0])
    found = finish(SPAN, made)
    assert found.shape == (1, 2, 4)
    assert found[0, 0].tolist() == [1, 2, 0, 3]
    assert np.isnan(found[0, 1]).all()


def test_columns_are_joined_over_those_without_rows() -> None:
    made = planes(
        COUNT=[2, 0, 0, 1, 1], VALID=[2, 0, 0, 1, 1], EARLIEST=[1, 0, 0, 5, 6], LATEST=[2, 0, 0, 5, 6],
        MIN=[0, 0, 0, 5, 6], MAX=[3, 0, 0, 5, 6],
    )  # fmt: skip
    (line,) = lines_of(SPAN, made)
    assert line.joins.tolist() == [[0, 3], [3, 4]]
    assert (line.end[0], line.start[3], line.low[0], line.high[0], line.band) == (2, 5, 0, 3, None)
    assert np.isnan(line.low[1])


def test_a_missing_value_between_two_columns_breaks_their_join() -> None:
    # After the first column, before the third, and alone between the fourth and the last.
    made = planes(
        COUNT=[2, 1, 2, 1, 1, 1], VALID=[1, 1, 1, 1, 0, 1], EARLIEST=[1, 1, NAN, 1, NAN, 1],
        LATEST=[NAN, 1, 1, 1, NAN, 1], MIN=[1, 1, 1, 1, 0, 1], MAX=[1, 1, 1, 1, 0, 1],
    )  # fmt: skip
    (line,) = lines_of(SPAN, made)
    assert line.joins.tolist() == [[2, 3]]
    assert line.low[2] == 1


def test_figures_have_a_band_of_what_they_lie_within_and_a_gap_where_no_row_has_a_value() -> None:
    made = planes(
        COUNT=[2, 1, 1, 0, 1], VALID=[2, 0, 1, 0, 1], SUM=[4, 0, 1, 0, 2], MIN=[1, 0, 1, 0, 2], MAX=[3, 0, 1, 0, 2]
    )
    (line,) = lines_of(MEAN, made)
    assert line.joins.tolist() == [[2, 4]]
    assert line.low[0] == line.high[0] == 2
    assert line.band is not None
    assert [side[0] for side in line.band] == [1, 3]
    assert np.isnan(line.band[0][1])
    total = frame_pb2.Quantity(finisher=frame_pb2.FINISHER_IDENTITY, planes=MEAN.planes, empty=MEAN.empty)
    assert lines_of(total, made)[0].band is None


def test_each_category_has_its_line() -> None:
    by = frame_pb2.Quantity(category="c")
    by.MergeFrom(SPAN)
    made = [
        plane
        for category, at in ((0, 1.0), (1, 2.0), (2, 9.0))
        for plane in planes(category, VALID=[1, 1], EARLIEST=[at, at], LATEST=[at, at], MIN=[at, at], MAX=[at, at])
    ]
    made += [plane for category in (0, 1) for plane in planes(category, CATEGORY=[1, 1])]
    assert finish(by, made).shape == (1, 2, 4, 2)
    first, second = lines_of(by, made)
    assert (first.low.tolist(), second.high.tolist()) == ([1, 1], [2, 2])
    assert second.joins.tolist() == [[0, 1]]
