"""What names tell."""

import pytest
from halftone_views.columns import ColumnInfo
from halftone_views.default_view import is_in_degrees, is_map
from halftone_views.default_view.names import is_identifier, map_pair, plain_pair, words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("PULocationID", ("pu", "location", "id")),
        ("pickup_lon", ("pickup", "lon")),
        ("geometry.x", ("geometry", "x")),
        ("Temp 2", ("temp", "2")),
        ("", ()),
    ],
)
def test_words(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


def test_identifiers() -> None:
    assert [
        name for name in ("ID", "zip_code", "userId", "width", "idle", "keys pressed", "") if is_identifier(name)
    ] == [
        "ID",
        "zip_code",
        "userId",
    ]


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        ("lon", "lat", True),
        ("start_lng", "start_lat", True),
        ("start_lng", "end_lat", False),
        ("geometry.x", "geometry.y", True),
        ("easting", "northing", True),
        ("x", "y", False),
        ("lon", "lat_old", False),
        ("lat", "lon", False),
    ],
)
def test_maps(x: str, y: str, expected: bool) -> None:
    assert is_map(ColumnInfo(x, "number", min=0, max=90), ColumnInfo(y, "number", min=0, max=90)) is expected


def test_degrees_have_bounds_and_a_few_may_be_wrong() -> None:
    lon, lat = ColumnInfo("lon", "number", min=0, max=360), ColumnInfo("lat", "number", min=-90, max=90)
    assert is_map(lon, lat)
    assert is_map(lon, ColumnInfo("lat", "number", min=-90, max=9999, typical_min=40, typical_max=41))
    assert not is_map(lon, ColumnInfo("lat", "number", min=0, max=91))
    assert not is_map(ColumnInfo("lon", "number", min=0, max=361), lat)


def test_a_pair_in_degrees_is_named_and_ranged_so() -> None:
    lon, lat = ColumnInfo("geometry.x", "number", min=0, max=360), ColumnInfo("geometry.y", "number", min=-90, max=90)
    assert is_in_degrees(lon, lat)
    assert not is_in_degrees(lat, lon)
    east = ColumnInfo("geometry.x", "number", min=0, max=5e6)
    north = ColumnInfo("geometry.y", "number", min=0, max=99)
    for pair in ((east, lat), (lon, north)):
        assert is_map(*pair)
        assert not is_in_degrees(*pair)


def test_pairs_are_the_first_of_their_sort() -> None:
    names = ("b_lat", "a_lon", "b_lon", "a_lat", "y", "x")
    columns = {name: ColumnInfo(name, "number", min=0, max=1) for name in names}
    given = list(columns.values())
    assert map_pair(given) == (columns["a_lon"], columns["a_lat"])
    assert plain_pair(given[4:]) == (columns["x"], columns["y"])
    assert map_pair(given[4:]) is None
    assert plain_pair(given[:1]) is None
