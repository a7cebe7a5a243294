"""The options of kinds whose steps have an order, and what they make of a plan."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.columns import ColumnInfo
from halftone_views.lattice.steps import MAX_STEPS, cells_of, step_count, step_labels
from halftone_views.lattice.transform import Transform
from halftone_views.options import Amount, Choice
from halftone_views.reduction import Reduction, reduction_of

# The interval of an axis with a column and a transform.
IntervalOf: TypeAlias = Callable[[ColumnInfo, Transform], tuple[float, float]]

_AS_THEY_ARE, _GREATEST, _LEAST, _NAME = "steps", "greatest", "least", "name"
# Numbers of several categories at once: their rows decide.
_OF_SEVERAL = (frame_pb2.FINISHER_CATEGORIES, frame_pb2.FINISHER_MODE)


class Ranked(Protocol):
    """A kind with these options, the first two made by the functions below."""

    order: str
    top: int
    reduction: str


def order_option(steps: str) -> Choice:
    """In which order the steps of an axis stand; `steps` says which these are."""
    return Choice(
        {
            _AS_THEY_ARE: "Most rows, or in time",
            _GREATEST: "Greatest first",
            _LEAST: "Least first",
            _NAME: "By name",
        },
        default=_AS_THEY_ARE,
        label="Order",
        doc=f"Order of {steps}: most rows first (parts of time: as they follow each other), by their number, or by "
        "name. Bins of numbers keep their order.",
    )


def top_option(steps: str, cell: str) -> Amount:
    """How many steps have a cell of their own; `steps` says which these are, `cell` what theirs is."""
    return Amount(
        MAX_STEPS,
        label="First",
        doc=f"So many {steps} have a {cell} of their own, the first in the order; all others share one more, whose "
        "number is that of all their rows. 0: each has one.",
    )


def rank_of(view: Ranked, column: ColumnInfo, transform: Transform) -> compute_pb2.Rank | None:
    """What the options ask for of an axis; None, where its cells stay as they are."""
    if not transform.has_steps:
        return None
    top = view.top if view.top < step_count(column, transform) else 0
    if view.order == _AS_THEY_ARE and not top:
        return None
    rank = compute_pb2.Rank(top=top)
    if view.order == _NAME:
        rank.steps.extend(_by_name(column, transform))
    elif view.order != _AS_THEY_ARE:
        _add_number(rank, reduction_of(view.reduction))
        rank.least_first = view.order == _LEAST
    return rank


def interval_of(
    rank: compute_pb2.Rank | None, column: ColumnInfo, transform: Transform, of: IntervalOf
) -> tuple[float, float]:
    """What an axis shows: one unit for each cell of a ranked one, else what `of` says of the column."""
    if rank is None:
        return of(column, transform)
    return 0.0, float(cells_of(step_count(column, transform), rank.top))


def _add_number(rank: compute_pb2.Rank, reduction: Reduction) -> None:
    is_of_rows = not reduction.needs_value or reduction.finisher in _OF_SEVERAL
    rank.finisher = frame_pb2.FINISHER_IDENTITY if is_of_rows else reduction.finisher
    rank.planes.extend([frame_pb2.PLANE_ROLE_COUNT] if is_of_rows else reduction.planes)


def _by_name(column: ColumnInfo, transform: Transform) -> list[int]:
    """Steps that have a label, in its order; those without one, and rows without a category, follow as they are."""
    named = [(label.casefold(), label, place) for place, label in enumerate(step_labels(column, transform)) if label]
    return [place for _, _, place in sorted(named)]
