"""From picks to requests for rows, and from answers to pages."""

from typing import Any

import pytest
from gateway_rig.pure import access
from halftone.v1 import compute_pb2, rows_pb2
from halftone.v1 import session_pb2 as pb
from halftone.v1.frame_pb2 import Extent
from halftone_gateway.compute.rows import RowsFetched
from halftone_gateway.pieces.picking import pick_error, row_page, rows_request
from halftone_servicekit.errors import ErrorCode, HalftoneError

X = compute_pb2.Axis(column="distance", transform=compute_pb2.TRANSFORM_LINEAR)
Y = compute_pb2.Axis(column="delay", transform=compute_pb2.TRANSFORM_LOG10)
POINTS = compute_pb2.Plan(glyph=compute_pb2.GLYPH_POINTS, x=X, y=Y)
BINS = compute_pb2.Plan(glyph=compute_pb2.GLYPH_BINS, x=X)
POINTER = {"x": 1.0, "y": 2.0, "x_pixel": 0.5, "y_pixel": 0.25, "reach": 8.0}


def pick(**fields: Any) -> pb.PickRows:  # noqa: ANN401 - passed on as they are
    return pb.PickRows(**{"view_id": 1, "pick_id": 3, **fields})


def asked(plan: compute_pb2.Plan = POINTS, **fields: Any) -> compute_pb2.RowsRequest:  # noqa: ANN401 - passed on as they are
    return rows_request(pick(**fields), plan, access())


def test_a_region_is_a_range_of_each_axis() -> None:
    region = Extent(x0=1, x1=2, y0=3, y1=4)
    assert list(asked(region=region).ranges) == [
        compute_pb2.RowRange(axis=X, low=1, high=2),
        compute_pb2.RowRange(axis=Y, low=3, high=4),
    ]
    assert list(asked(BINS, region=Extent(x0=1, x1=2)).ranges) == [compute_pb2.RowRange(axis=X, low=1, high=2)]


def test_steps_are_those_of_x() -> None:
    assert list(asked(BINS, steps=[4, 1]).ranges) == [compute_pb2.RowRange(axis=X, steps=[4, 1])]
    assert list(asked(BINS, others=True).ranges) == [compute_pb2.RowRange(axis=X, others=True)]


def test_steps_stand_in_place_of_their_side_of_a_region() -> None:
    region = Extent(x0=1, x1=2, y0=3, y1=4)
    across, up = compute_pb2.RowRange(axis=X, steps=[4]), compute_pb2.RowRange(axis=Y, steps=[0], others=True)
    low_y = compute_pb2.RowRange(axis=Y, low=3, high=4)
    assert list(asked(region=region, steps=[4]).ranges) == [across, low_y]
    assert list(asked(region=region, steps=[4], steps_y=[0], others_y=True).ranges) == [across, up]
    assert list(asked(steps_y=[0], others_y=True).ranges) == [up]


def test_without_a_place_all_rows_are_meant() -> None:
    request = asked()
    assert not request.ranges
    assert not request.HasField("nearest")
    assert (request.limit, request.grant) == (50, "grant")
    assert list(request.columns) == list(access().table.columns)
    sort = rows_pb2.RowSort(column="delay", descending=True)
    request = asked(limit=7, offset=9, sort=sort, columns=["delay"])
    assert (request.limit, request.offset, request.sort, list(request.columns)) == (7, 9, sort, ["delay"])


def test_a_pointer_asks_for_the_nearest() -> None:
    assert asked(pointer=pb.Pointer(**POINTER)).nearest == compute_pb2.NearestRows(x_axis=X, y_axis=Y, **POINTER)


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"pick_id": 0}, "param_out_of_range", "pickId"),
        ({"limit": 51}, "param_out_of_range", "limit"),
        ({"columns": ["delay", "nope"]}, "unknown_column", "columns"),
        ({"sort": rows_pb2.RowSort(column="nope")}, "unknown_column", "sort.column"),
        ({"pointer": pb.Pointer(**POINTER), "steps": [1]}, "param_invalid", "pointer"),
        ({"pointer": pb.Pointer(**POINTER), "others_y": True}, "param_invalid", "pointer"),
        ({"region": Extent(x0=2, x1=2, y0=3, y1=4)}, "param_invalid", "region.x1"),
        ({"region": Extent(x0=1, x1=2, y0=3, y1=3)}, "param_invalid", "region.y1"),
    ],
)
def test_what_is_refused(fields: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(HalftoneError) as caught:
        asked(**fields)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_one_axis_has_no_steps_of_y() -> None:
    with pytest.raises(HalftoneError) as caught:
        asked(BINS, steps_y=[1])
    assert (caught.value.code, caught.value.field) == ("param_invalid", "stepsY")


def test_one_axis_has_no_nearest_row() -> None:
    with pytest.raises(HalftoneError) as caught:
        asked(BINS, pointer=pb.Pointer(**POINTER))
    assert (caught.value.code, caught.value.field) == ("param_invalid", "pointer")


def test_a_page_names_its_columns_without_statistics() -> None:
    row = rows_pb2.Row(number=4, cells=[rows_pb2.Cell(number=1.5)])
    fetched = RowsFetched([row], compute_pb2.RowsEnd(matching=9))
    page = row_page(pick(offset=2, columns=["delay"]), access(), fetched)
    assert (page.view_id, page.pick_id, page.matching, page.offset) == (1, 3, 9, 2)
    [column] = page.columns
    assert column.name == "delay"
    assert not column.HasField("max")
    assert list(page.rows) == [row]
    assert len(row_page(pick(), access(), fetched).columns) == len(access().table.columns)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("nearest.x_pixel", "pointer.xPixel"),
        ("nearest.reach", "pointer.reach"),
        ("ranges[1].axis", "region"),
        ("limit", "limit"),
    ],
)
def test_errors_have_the_fields_of_the_pick(field: str, expected: str) -> None:
    error = pick_error(HalftoneError(ErrorCode.PARAM_INVALID, "why", field, 5))
    assert (error.code, error.detail, error.field, error.retry_after_ms) == ("param_invalid", "why", expected, 5)
