"""What the name of a column tells: an identifier, or one half of a place such as `pickup_lon` and `pickup_lat`."""

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from halftone_views.columns import ColumnInfo
from halftone_views.default_view.opening import opening

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_IDENTIFIERS = frozenset(
    {"id", "ids", "oid", "fid", "gid", "uid", "objectid", "uuid", "guid", "rowid", "code", "codes", "key", "pk"}
    | {"zip", "zipcode", "postcode", "plz", "fips"}
)
_EAST = frozenset({"lon", "lng", "long", "longitude"})
_NORTH = frozenset({"lat", "latitude"})
_ACROSS = _EAST | {"x", "easting"}
_UP = _NORTH | {"y", "northing"}
# Degrees; the longitudes of some data run from 0 to 360.
_MOST_EAST = 360.0
_MOST_NORTH = 90.0


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in small letters: `PULocationID` is pu, location, id."""
    return tuple(word.lower() for word in _WORD.findall(name))


def is_identifier(name: str) -> bool:
    """Whether the last word of a name says that its values only name something."""
    return not _IDENTIFIERS.isdisjoint(words_of(name)[-1:])


def map_pair(columns: Sequence[ColumnInfo]) -> tuple[ColumnInfo, ColumnInfo] | None:
    """The first two columns that are longitude and latitude; None when there are none."""
    return next(((x, y) for x, y in _candidates(columns) if is_map(x, y)), None)


def plain_pair(columns: Sequence[ColumnInfo]) -> tuple[ColumnInfo, ColumnInfo] | None:
    """The first two columns whose names are a pair by name, in degrees or not; None when there are none."""
    return next(((x, y) for x, y in _candidates(columns) if _is_pair(x.name, y.name)), None)


def is_map(x: ColumnInfo, y: ColumnInfo) -> bool:
    """Whether two columns are the places of a map: named so, and where they name degrees also ranged so."""
    if not _is_pair(x.name, y.name):
        return False
    named = {*words_of(x.name), *words_of(y.name)}
    if named & (_EAST | _NORTH):
        return _is_within(x, _MOST_EAST) and _is_within(y, _MOST_NORTH)
    # `geometry.x` is half of a point; a lone `x` may be anything.
    return "." in x.name or "easting" in named


def is_in_degrees(x: ColumnInfo, y: ColumnInfo) -> bool:
    """Whether two columns are longitude and latitude: the places of a map, ranged as degrees."""
    return is_map(x, y) and _is_within(x, _MOST_EAST) and _is_within(y, _MOST_NORTH)


def _candidates(columns: Sequence[ColumnInfo]) -> Iterator[tuple[ColumnInfo, ColumnInfo]]:
    """Every pair of a column whose name says across with one whose name says up."""
    across = [column for column in columns if not _ACROSS.isdisjoint(words_of(column.name))]
    up = [column for column in columns if not _UP.isdisjoint(words_of(column.name))]
    return itertools.product(across, up)


def _is_pair(x: str, y: str) -> bool:
    """Whether one name says across where the other says up, and nothing else differs."""
    across, up = words_of(x), words_of(y)
    if len(across) != len(up):
        return False
    differing = [(one, other) for one, other in zip(across, up, strict=True) if one != other]
    return len(differing) == 1 and differing[0][0] in _ACROSS and differing[0][1] in _UP


def _is_within(column: ColumnInfo, most: float) -> bool:
    """Whether nearly all values lie between minus and plus `most`; a few may be wrong."""
    low, high = opening(column)
    return -most <= low and high <= math.nextafter(most, math.inf)
