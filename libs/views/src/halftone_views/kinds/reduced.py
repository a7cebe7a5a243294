"""The options of kinds whose cells show a reduction, and what they make of a plan and its quantity."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_views.columns import ESTIMATED_FROM, ColumnInfo, Table
from halftone_views.options import Choice, Column
from halftone_views.plan import MAX_CATEGORY_PLANES
from halftone_views.quantity import quantity_of
from halftone_views.reduction import Reduction, reduction_of, reductions
from halftone_views.requirements import NUMERIC, require_category, require_column, require_sums, require_value

_NONE: Mapping[str, Reduction] = MappingProxyType({})
# How far estimates of different values are from their number, as a share of it (standard error).
DISTINCT_ERROR = 0.016
# Finishers whose numbers are those of planes, or lie between them.
SHOWN_AS_THEY_ARE = (frame_pb2.FINISHER_IDENTITY, frame_pb2.FINISHER_DIFFERENCE)


class Reduced(Protocol):
    """A kind with these three options, made by the functions below."""

    reduction: str
    value: str | None
    category: str | None


def reduction_option(also: Mapping[str, Reduction] = _NONE) -> Choice:
    """Which reduction a cell shows, or which of the others that a kind has."""
    return Choice(
        {name: reduction.label for name, reduction in {**reductions(), **also}.items()},
        default="count",
        refusal=ErrorCode.UNKNOWN_AGG,
        label="Reduction",
        doc="What a cell shows: its rows (count), whether it has any, its most frequent category (mode), or a number "
        "made of the value column.",
    )


def value_option() -> Column:
    """The column that values are taken of."""
    return Column(NUMERIC, label="Value", doc="Column that every reduction but count, any and mode is taken of.")


def category_option() -> Column:
    """The column whose categories are shown apart."""
    return Column(
        ("category",),
        labelled=True,
        label="Category",
        doc="Column whose categories are shown apart, also one of few whole numbers: rows get the colour of their "
        "category, of a number made of values one category is shown at a time.",
    )


def add_reduction(plan: compute_pb2.Plan, view: Reduced, table: Table) -> None:
    """Adds to a plan what the options ask for. Raises HalftoneError with the option at fault as field."""
    reduction = reduction_of(view.reduction)
    plan.accumulators.extend(reduction.gathered())
    _add_value(plan, view.value, reduction, table)
    _add_statistic(plan, view, reduction, table)
    add_category(plan, view.category, reduction, table)


def reduced_quantity(view: Reduced, table: Table) -> frame_pb2.Quantity:
    """What a cell shows; called where `add_reduction` raised nothing."""
    value = view.value or ""
    unit = table.columns[value].unit if value in table.columns else ""
    quantity = quantity_of(reduction_of(view.reduction), value, unit, view.category or "")
    if is_estimated(view, table):
        quantity.label += " (estimate)"
        quantity.error = DISTINCT_ERROR
    return quantity


def is_estimated(view: Reduced, table: Table) -> bool:
    """Whether a number is an estimate whatever rows are read: different values of a column that has many."""
    is_distinct = reduction_of(view.reduction).statistic == frame_pb2.STATISTIC_KIND_DISTINCT
    return is_distinct and view.value is not None and table.columns[view.value].distinct >= ESTIMATED_FROM


def _add_statistic(plan: compute_pb2.Plan, view: Reduced, reduction: Reduction, table: Table) -> None:
    if not reduction.statistic:
        return
    if view.category is not None:
        detail = f"{reduction.label} of each category is not made: choose none, or the category as X."
        raise HalftoneError(ErrorCode.PARAM_INVALID, detail, "category")
    if reduction.statistic == frame_pb2.STATISTIC_KIND_QUANTILE and not table.columns[plan.value].is_exact:
        detail = f"{plan.value} holds whole numbers from 2**53 on, which would be rounded."
        raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, detail, "value")
    plan.statistic.kind = reduction.statistic
    plan.statistic.share = reduction.share


def _add_value(plan: compute_pb2.Plan, value: str | None, reduction: Reduction, table: Table) -> None:
    if value is None:
        if reduction.needs_value:
            raise HalftoneError(ErrorCode.PARAM_INVALID, f"{reduction.label} needs a value column.", "value")
        return
    # A count is the same whatever value is chosen, so its pieces are too.
    if reduction.needs_value:
        plan.value = reduced_column(table, value, reduction, "value").name
    else:
        require_column(table, value, NUMERIC, "value")


def reduced_column(table: Table, name: str, reduction: Reduction, field: str) -> ColumnInfo:
    """The named column, of which a reduction is taken. Raises HalftoneError when it can not be."""
    column = require_value(table, name, reduction.accumulators, field)
    if frame_pb2.PLANE_ROLE_SUM in reduction.planes and reduction.finisher in SHOWN_AS_THEY_ARE:
        require_sums(table, column, field)
    return column


def add_category(plan: compute_pb2.Plan, category: str | None, reduction: Reduction, table: Table) -> None:
    """Adds to a plan the category column, if there is one. Raises HalftoneError."""
    if category is None:
        if reduction.of_categories:
            raise HalftoneError(ErrorCode.PARAM_INVALID, f"{reduction.label} needs a category column.", "category")
        return
    column = require_category(table, category, "category")
    plan.category = column.name
    # A column without rows has no category, but a piece has at least one plane.
    plan.category_planes = max(1, min(column.category_codes, MAX_CATEGORY_PLANES))
    plan.category_other = column.category_codes > MAX_CATEGORY_PLANES
