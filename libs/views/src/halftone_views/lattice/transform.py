"""A transform: where the values of a column lie on an axis. One transform is one file of `transforms/`."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from halftone_views.codes import TransformCode
from halftone_views.columns import ColumnType
from halftone_views.scan import items_of

Use = Literal["scale", "projection", "steps"]
# Where a transform without a place of its own stands among the choices: after all that have one.
LAST = 1000
# Microseconds since 1970 UTC that whole numbers of 64 bits hold, as times in milliseconds: all of the years 1 to 9999.
EARLIEST, LATEST = -(2.0**62), 2.0**62


def no_value(place: float) -> float:
    """Of a step there are many values."""
    del place
    return math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """`name` is the option's value, `label` what a person reads, `code` its number on the wire.

    `use`: "scale" for any axis whose column has a type of `accepts`; "projection" for the latitude of a map, whose
    longitude stays linear; "steps" for axes whose cells stand for one category or one part of time each. `low` to
    `high` are the values that have a place, both ends among them: finite numbers. `forward` gives the place of a value,
    NaN where it has none, and but for steps never falls where values rise; it is a function of float64 numbers (steps:
    of whole numbers, times in microseconds) and of `math` alone, because compute compiles it. `inverse` gives the value
    at a place, and beyond those of `low` and `high` the nearer of the two, for steps NaN. `steps` are the labels of
    steps that are the same for every column. `order` is its place among the choices; equal ones stand in the order of
    their names.
    """

    name: str
    label: str
    code: TransformCode
    use: Use
    accepts: tuple[ColumnType, ...]
    low: float
    high: float
    forward: Callable[[float], float]
    inverse: Callable[[float], float] = no_value
    steps: tuple[str, ...] = ()
    order: int = LAST

    @property
    def has_steps(self) -> bool:
        """Whether each cell of the axis is a step."""
        return self.use == "steps"

    def has_place(self, value: float) -> bool:
        """Whether a value has a place on the axis."""
        return self.low <= value <= self.high


def transform_of(code: TransformCode) -> Transform:
    """The transform of a number on the wire. Raises `KeyError` when there is none."""
    return transforms()[code]


def transform_named(name: str) -> Transform:
    """The transform of this name. Raises `KeyError` when there is none."""
    return {transform.name: transform for transform in transforms().values()}[name]


def labels_for(use: Use) -> dict[str, str]:
    """The labels of the transforms of one use by name, in the order of the choices."""
    return {each.name: each.label for each in transforms().values() if each.use == use}


@cache
def transforms() -> dict[TransformCode, Transform]:
    """Every transform by its number, in the order of the choices. Raises `TypeError` as `by_code` does."""
    return by_code(items_of("halftone_views.transforms", Transform))


def by_code(found: Iterable[Transform]) -> dict[TransformCode, Transform]:
    """Transforms by number, in their order. Raises `TypeError` for a name or number that is missing or taken."""
    known: dict[TransformCode, Transform] = {}
    for transform in sorted(found, key=lambda item: (item.order, item.name)):
        if not transform.name or not transform.label or not transform.code:
            raise TypeError(f"the transform {transform.name!r} needs a name, a label and a number")
        if transform.name in {other.name for other in known.values()}:
            raise TypeError(f"two transforms have the name {transform.name!r}")
        if known.setdefault(transform.code, transform) is not transform:
            raise TypeError(f"two transforms have the number {transform.code}")
    return known
