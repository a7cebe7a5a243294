"""Points: every row is a dot at its x and y."""

from typing import ClassVar, Literal, Self

from halftone.v1 import compute_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from typing_extensions import override

from halftone_views.base import View
from halftone_views.columns import Table
from halftone_views.lattice import Extent, covering
from halftone_views.options import Choice, Column
from halftone_views.plan import MAX_CATEGORY_PLANES, NUMERIC, axis, axis_column, require_column

# Several reductions are finished from the same planes.
_AGGREGATES: "dict[str, compute_pb2.Aggregate.ValueType]" = {
    "count": compute_pb2.AGGREGATE_COUNT,
    "any": compute_pb2.AGGREGATE_COUNT,
    "sum": compute_pb2.AGGREGATE_SUM,
    "mean": compute_pb2.AGGREGATE_SUM,
    "min": compute_pb2.AGGREGATE_MIN,
    "max": compute_pb2.AGGREGATE_MAX,
    "std": compute_pb2.AGGREGATE_SQUARES,
    "var": compute_pb2.AGGREGATE_SQUARES,
}
_NEED_VALUE = ("sum", "mean", "min", "max", "std", "var")


class Points(View):
    """Every row as a dot at its x and y, gathered in cells: how many rows, or a figure of a value column."""

    kind: ClassVar[str] = "points"
    title: ClassVar[str] = "Points"
    renderer: ClassVar[Literal["grid", "bars"]] = "grid"

    x = Column(NUMERIC, label="X", doc="Column of the horizontal axis; by default the first number or time column.")
    y = Column(NUMERIC, label="Y", doc="Column of the vertical axis; by default the next number or time column.")
    reduction = Choice(
        list(_AGGREGATES),
        default="count",
        refusal=ErrorCode.UNKNOWN_AGG,
        label="Reduction",
        doc="What a cell shows: its rows (count), whether it has any, or sum, mean, min, max, standard deviation (std) "
        "or variance (var) of the value column.",
    )
    value = Column(NUMERIC, label="Value", doc="Column that sum, mean, min, max, std and var are taken of.")
    category = Column(("category",), label="Category", doc="Column to count by; each category gets its own colour.")

    @override
    def filled(self, table: Table) -> Self:
        x, y = self._axes(table)
        return self.with_options(x=x, y=y)

    @override
    def plan(self, table: Table) -> compute_pb2.Plan:
        x, y = self._axes(table)
        plan = compute_pb2.Plan(
            glyph=compute_pb2.GLYPH_POINTS,
            x=axis(table, x, "x"),
            y=axis(table, y, "y"),
            aggregate=_AGGREGATES[self.reduction],
        )
        self._add_value(plan, table)
        self._add_category(plan, table)
        return plan

    @override
    def data_extent(self, table: Table) -> Extent:
        x_name, y_name = self._axes(table)
        x, y = require_column(table, x_name, NUMERIC, "x"), require_column(table, y_name, NUMERIC, "y")
        return *covering(x.min, x.max), *covering(y.min, y.max)

    def _axes(self, table: Table) -> tuple[str, str]:
        x = axis_column(table, "x", besides=self.y) if self.x is None else self.x
        y = axis_column(table, "y", besides=x) if self.y is None else self.y
        return x, y

    def _add_value(self, plan: compute_pb2.Plan, table: Table) -> None:
        if self.value is None:
            if self.reduction in _NEED_VALUE:
                raise HalftoneError(ErrorCode.PARAM_INVALID, f"{self.reduction} needs a value column.", "value")
            return
        column = require_column(table, self.value, NUMERIC, "value")
        # A count is the same whatever value is chosen, so its pieces are too.
        if self.reduction in _NEED_VALUE:
            plan.value = column.name

    def _add_category(self, plan: compute_pb2.Plan, table: Table) -> None:
        if self.category is None:
            return
        column = require_column(table, self.category, ("category",), "category")
        if self.reduction != "count":
            raise HalftoneError(ErrorCode.PARAM_INVALID, "By category only rows can be counted.", "reduction")
        plan.aggregate = compute_pb2.AGGREGATE_CATEGORIES
        plan.category = column.name
        # A column without rows has no category, but a piece has at least one plane.
        plan.category_planes = max(1, min(column.category_codes, MAX_CATEGORY_PLANES))
        plan.category_other = column.category_codes > MAX_CATEGORY_PLANES
