"""What a plan may know of a version: its columns with their statistics, as far as they may be read."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from google.protobuf import json_format
from halftone.v1 import compute_pb2

ColumnType = Literal["number", "time", "category", "text"]
TYPES: tuple[ColumnType, ...] = get_args(ColumnType)
TimeUnit = Literal["us", "ms"]
_TIME_UNITS: dict[TimeUnit, "compute_pb2.TimeUnit.ValueType"] = {
    "us": compute_pb2.TIME_UNIT_UNSPECIFIED,
    "ms": compute_pb2.TIME_UNIT_MILLISECOND,
}

# From here on float64 no longer holds every integer, and 2**53 itself may stand for its neighbour.
EXACT_INTEGERS = 2.0**53
# One step below, since the bounds of long integers are rounded.
_INT64 = math.nextafter(2.0**63, 0)
# From this many on, the different values of a number or a time are estimated, with a standard error of 1.6 %.
ESTIMATED_FROM = 4096
_Bound = Literal["min", "max", "typical_min", "typical_max", "least_positive"]
_BOUNDS: tuple[_Bound, ...] = get_args(_Bound)


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """One column. `dtype` is Arrow's name; `min` and `max` are of the finite values, None when there is none,
    since 1970 UTC in `time_unit` for time; `categories` are (label, rows), most frequent first, label None for missing.
    A number column of at most 256 different integers has them too: all its values as text, in their order.
    `distinct` counts different values, of numbers and times an estimate from `ESTIMATED_FROM` on, 0 for text.
    `infinite`, `out_of_range` (times outside the years 1 to 9999) and `unreadable` count cells that `nulls` does not;
    `typical_min` and `typical_max` are the 0.5 % and 99.5 % quantiles, None when there is no finite value or for text.
    `least_positive` is the least value above 0 of a number, None when there is none or when it was not kept.
    """

    name: str
    type: ColumnType
    dtype: str = ""
    min: float | None = None
    max: float | None = None
    nulls: int = 0
    distinct: int = 0
    categories: tuple[tuple[str | None, int], ...] = ()
    unit: str = ""
    time_unit: TimeUnit = "us"
    infinite: int = 0
    out_of_range: int = 0
    unreadable: int = 0
    typical_min: float | None = None
    typical_max: float | None = None
    least_positive: float | None = None

    @property
    def category_codes(self) -> int:
        """Number of category codes, the one of missing rows included."""
        return max(self.distinct, len(self.categories))

    @property
    def is_exact(self) -> bool:
        """Whether every value is the same number as a float64: false for integers and times from 2**53 on."""
        if not self.is_whole:
            return True
        return all(abs(bound) < EXACT_INTEGERS for bound in (self.min, self.max) if bound is not None)

    @property
    def is_whole(self) -> bool:
        """Whether every value is a whole number by its type."""
        return self.type == "time" or self.dtype.startswith(("int", "uint"))

    def sums_fit(self, rows: int) -> bool:
        """Whether values are whole, and no sum of so many of them leaves an int64."""
        most = max((abs(bound) for bound in (self.min, self.max) if bound is not None), default=0.0)
        return self.is_whole and most * rows < _INT64

    @classmethod
    def from_proto(cls, column: compute_pb2.Column) -> "ColumnInfo":
        """Raises `ValueError` for a column without a type of ours or with bounds that are not finite."""
        bounds = [getattr(column, side) if column.HasField(side) else None for side in _BOUNDS]
        if any(bound is not None and not math.isfinite(bound) for bound in bounds):
            raise ValueError(f"column {column.name!r} has bounds that are not finite")
        return cls(
            name=column.name,
            type=_type_of(column.type),
            dtype=column.dtype,
            min=bounds[0],
            max=bounds[1],
            nulls=column.nulls,
            distinct=column.distinct,
            categories=tuple(
                (item.label if item.HasField("label") else None, item.count) for item in column.categories
            ),
            unit=column.unit,
            time_unit=_time_unit_of(column.time_unit),
            infinite=column.infinite,
            out_of_range=column.out_of_range,
            unreadable=column.unreadable,
            typical_min=bounds[2],
            typical_max=bounds[3],
            least_positive=bounds[4],
        )

    @classmethod
    def from_json(cls, column: Mapping[str, object]) -> "ColumnInfo":
        """Reads the proto3 JSON of a `halftone.v1.Column`. Raises `ValueError` when it is none."""
        message = compute_pb2.Column()
        try:
            json_format.ParseDict(dict(column), message)
        except json_format.ParseError as error:
            raise ValueError("this is not the JSON of a column") from error
        return cls.from_proto(message)

    def to_proto(self) -> compute_pb2.Column:
        """The message; `from_proto` gives the same column back."""
        return compute_pb2.Column(
            name=self.name,
            type=compute_pb2.ColumnType.Value(f"COLUMN_TYPE_{self.type.upper()}"),
            dtype=self.dtype,
            nulls=self.nulls,
            min=self.min,
            max=self.max,
            distinct=self.distinct,
            categories=[compute_pb2.CategoryCount(label=label, count=count) for label, count in self.categories],
            unit=self.unit,
            time_unit=_TIME_UNITS[self.time_unit],
            infinite=self.infinite,
            out_of_range=self.out_of_range,
            unreadable=self.unreadable,
            typical_min=self.typical_min,
            typical_max=self.typical_max,
            least_positive=self.least_positive,
        )


@dataclass(frozen=True, slots=True)
class Table:
    """A version as one person may read it: columns that may not be read are not in it."""

    version_id: str
    rows: int
    columns: Mapping[str, ColumnInfo]

    @classmethod
    def of(cls, version_id: str, rows: int, columns: Iterable[ColumnInfo]) -> "Table":
        """A table of columns, in their order."""
        return cls(version_id, rows, {column.name: column for column in columns})


def _type_of(value: "compute_pb2.ColumnType.ValueType") -> ColumnType:
    name = compute_pb2.ColumnType.Name(value).removeprefix("COLUMN_TYPE_").lower()
    for known in TYPES:
        if name == known:
            return known
    raise ValueError("a column has no type")


def _time_unit_of(value: "compute_pb2.TimeUnit.ValueType") -> TimeUnit:
    for unit, known in _TIME_UNITS.items():
        if value == known:
            return unit
    raise ValueError("a column has a unit of time that is not known")
