"""A reduction: which number a cell shows, as data. One reduction is one file of `reductions/`."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.codes import Accumulator, Empty, Finisher, Role, StatisticKind
from halftone_views.scan import items_of

# Where a reduction without a place of its own stands among the choices: after all that have one.
LAST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """`name` is the option's value, `label` what a person reads, `unit` that of the number (empty: not known).

    `accumulators` are what an engine gathers of the value column, beside the rows and those with a value; empty: no
    value column is needed. `of_categories`: a category column is needed, and the number is one of its categories.
    `finisher` makes the number of a cell of `planes`, in their order; `empty` says which cells
    hold nothing. `grows_with_area`: the number grows with the cell's area. `integer`: it is always a whole number.
    `within_value`: it lies between the least and the greatest value of the column, in the column's unit. `statistic`:
    it is made of all values of a cell at once, in a plane of the role STATISTIC; a quantile has a `share`. `order` is
    its place among the choices; equal ones stand in the order of their names.
    """

    name: str
    label: str
    finisher: Finisher
    planes: tuple[Role, ...]
    empty: Empty
    accumulators: tuple[Accumulator, ...] = ()
    unit: str = ""
    grows_with_area: bool = False
    integer: bool = False
    within_value: bool = False
    of_categories: bool = False
    statistic: StatisticKind = frame_pb2.STATISTIC_KIND_UNSPECIFIED
    share: float = 0.0
    order: int = LAST

    @property
    def needs_value(self) -> bool:
        """Whether it is taken of a value column."""
        return bool(self.accumulators)

    def gathered(self) -> list[Accumulator]:
        """Every accumulator of a plan: ascending, the rows always, and with a value column those with a value."""
        of_value = {compute_pb2.ACCUMULATOR_VALID, *self.accumulators} if self.needs_value else set()
        return sorted({compute_pb2.ACCUMULATOR_COUNT, *of_value})


def reduction_of(name: str) -> Reduction:
    """The reduction, or the statistic, of this name. Raises `KeyError` when there is none."""
    return reductions().get(name) or statistics()[name]


@cache
def reductions() -> dict[str, Reduction]:
    """Every reduction by name, in the order of the choices. Raises `TypeError` as `by_name` does."""
    return by_name(items_of("halftone_views.reductions", Reduction))


@cache
def statistics() -> dict[str, Reduction]:
    """Those of all values of a cell at once, by name, in the order of the choices. Raises `TypeError` as `by_name`."""
    return by_name(items_of("halftone_views.statistics", Reduction))


def by_name(found: Iterable[Reduction]) -> dict[str, Reduction]:
    """Reductions by name, in their order. Raises `TypeError` for a name that is missing or taken."""
    known: dict[str, Reduction] = {}
    for reduction in sorted(found, key=lambda item: (item.order, item.name)):
        if not reduction.name or not reduction.label:
            raise TypeError(f"the reduction {reduction.name!r} needs a name and a label")
        if known.setdefault(reduction.name, reduction) is not reduction:
            raise TypeError(f"two reductions have the name {reduction.name!r}")
    return known
