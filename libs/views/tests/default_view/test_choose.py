"""What tables open with."""

import math

import numpy as np
import pytest
from halftone_views.columns import ColumnInfo, ColumnType
from halftone_views.default_view import DefaultView, default_view


def column(name: str, low: float | None = 0, high: float | None = 100, **more: object) -> ColumnInfo:
    values: dict[str, object] = {"type": "number", "dtype": "double", "distinct": 50, **more}
    return ColumnInfo(name, min=low, max=high, **values)  # type: ignore[arg-type]  # keywords of the test


def stored(name: str, values: np.ndarray, kind: ColumnType = "number") -> ColumnInfo:
    """The column of these values, as ingest describes it."""
    low, high = np.quantile(values, [0.005, 0.995])
    return ColumnInfo(
        name,
        kind,
        "int64" if values.dtype.kind == "i" else "double",
        float(values.min()),
        float(values.max()),
        distinct=len(np.unique(values)),
        typical_min=float(low),
        typical_max=float(high),
    )


def axes(columns: list[ColumnInfo], rows: int = 1000) -> tuple[str, str | None] | None:
    found = default_view(columns, rows)
    return None if found is None else (found.x, found.y)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        # Longitude and latitude, however named, before a time.
        ([column("when", type="time"), column("lat", -80, 80), column("lng", -170, 170)], ("lng", "lat")),
        (
            [column("pickupLatitude", 40, 41), column("pickupLongitude", -75, -72)],
            ("pickupLongitude", "pickupLatitude"),
        ),
        ([column("id"), column("geometry.x", 5, 6), column("geometry.y", 49, 50)], ("geometry.x", "geometry.y")),
        # Not ranged so: no map, but still a pair.
        ([column("fare", distinct=99), column("lon"), column("lat", 0, 4000)], ("lon", "lat")),
        # A time, and the number with the most different values.
        ([column("a", distinct=3), column("when", type="time"), column("b", distinct=7)], ("when", "b")),
        ([column("when", type="time"), column("y"), column("x", distinct=99)], ("when", "x")),
        # Two numbers: x and y by name, else the best two in the order of the table.
        ([column("a", distinct=99), column("y"), column("x")], ("x", "y")),
        ([column("a", distinct=7), column("b", distinct=3), column("c", distinct=9)], ("a", "c")),
        ([column("begin", type="time"), column("end", type="time")], ("begin", "end")),
        # Never an identifier, a row number, one value, nearly one value, nothing, or whole numbers from 2**53 on.
        ([column("user_id"), column("zip"), column("price"), column("VendorID")], ("price", None)),
        ([column("n", 1, 1000, dtype="int64", distinct=1000), column("a"), column("b")], ("a", "b")),
        ([column("t", 1, 1000, dtype="int64", distinct=1000), column("v")], ("t", "v")),
        ([column("one", 5, 5), column("mostly", typical_min=0, typical_max=0), column("a")], ("a", None)),
        ([column("empty", None, None), column("big", 0, 2.0**60, dtype="int64"), column("v")], ("v", None)),
        ([column("label", type="category"), column("note", type="text")], None),
        ([column("empty", None, None)], None),
        ([], None),
        # Where there is nothing else, they do.
        ([column("id"), column("one", 5, 5)], ("id", "one")),
        ([column("one", 5, 5)], ("one", None)),
    ],
)
def test_axes(columns: list[ColumnInfo], expected: tuple[str, str | None] | None) -> None:
    assert axes(columns) == expected


def test_whole_numbers_in_a_row_are_no_row_numbers_in_a_small_table() -> None:
    columns = [column("a", 1, 3, dtype="int64", distinct=3), column("b", 4, 6)]
    assert axes(columns, rows=3) == ("a", "b")


def test_a_map_has_equal_steps_and_a_histogram_one_axis() -> None:
    where = default_view([column("lon", 5, 6), column("lat", 49, 50)], 10)
    assert where is not None
    assert where.equal_aspect
    assert default_view([column("v", 0, 4)], 10) == DefaultView("histogram", "v", None, 0, math.nextafter(4, 5), 0, 1)


def share_with_data(view: DefaultView, x: np.ndarray, y: np.ndarray) -> float:
    """Share of the opening picture, with 2 % room around it, that the rows in it span."""
    inside = (x >= view.x_min) & (x < view.x_max) & (y >= view.y_min) & (y < view.y_max)
    assert inside.mean() > 0.98
    spanned = np.ptp(x[inside]) * np.ptp(y[inside])
    return float(spanned / ((view.x_max - view.x_min) * (view.y_max - view.y_min) * 1.04**2))


def test_a_picture_of_taxis_is_full_though_a_few_coordinates_are_zero() -> None:
    random = np.random.default_rng(7)
    lon, lat = random.normal(-73.97, 0.03, 100_000), random.normal(40.75, 0.03, 100_000)
    lon[:300], lat[:300] = 0, 0
    view = default_view([stored("lat", lat), stored("lon", lon)], len(lon))
    assert view is not None
    assert (view.x, view.y, view.equal_aspect) == ("lon", "lat", True)
    assert share_with_data(view, lon, lat) >= 0.6


def test_a_picture_of_fares_is_full_though_one_is_huge() -> None:
    random = np.random.default_rng(7)
    when, fare = random.integers(0, 86_400_000_000, 100_000), random.lognormal(2.5, 0.6, 100_000)
    fare[0] = 650_000
    view = default_view([stored("when", when, "time"), stored("fare", fare)], len(fare))
    assert view is not None
    assert (view.x, view.y) == ("when", "fare")
    assert share_with_data(view, when, fare) >= 0.6


def test_a_picture_of_flights_is_full() -> None:
    random = np.random.default_rng(7)
    date = random.integers(978_307_200, 986_000_000, 100_000) * 1_000_000
    delay = np.round(random.exponential(25, 100_000)).astype(np.int64) - 20
    distance = random.choice(random.integers(50, 4962, 1400), 100_000)
    columns = [stored("date", date, "time"), stored("delay", delay), stored("distance", distance)]
    view = default_view(columns, len(date))
    assert view is not None
    assert (view.x, view.y) == ("date", "distance")
    assert share_with_data(view, date, distance) >= 0.6
