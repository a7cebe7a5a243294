"""Heat map: a cell for each pair of categories, parts of time or bins of two columns."""

from typing import ClassVar, Self

from halftone.v1 import compute_pb2, frame_pb2
from typing_extensions import override

from halftone_views.columns import ColumnInfo, Table
from halftone_views.default_view import default_steps, opening, whole_of
from halftone_views.kinds.ranked import IntervalOf, interval_of, order_option, rank_of, top_option
from halftone_views.kinds.reduced import (
    add_reduction,
    category_option,
    reduced_quantity,
    reduction_option,
    value_option,
)
from halftone_views.kinds.scaled import steps_option, transform_for
from halftone_views.lattice import Extent
from halftone_views.lattice.transform import Transform
from halftone_views.options import Column
from halftone_views.requirements import PLACED, axis, require_column
from halftone_views.view import Renderer, View


class Heatmap(View):
    """A cell for each pair of categories, parts of time or bins of two columns: its rows, or a figure of them."""

    kind: ClassVar[str] = "heatmap"
    title: ClassVar[str] = "Heat map"
    renderer: ClassVar[Renderer] = "grid"

    x = Column(PLACED, label="X", doc="Column of the horizontal axis; by default the first category.")
    y = Column(PLACED, label="Y", doc="Column of the vertical axis; by default the next category.")
    reduction = reduction_option()
    value = value_option()
    category = category_option()
    x_scale = steps_option("X")
    y_scale = steps_option("Y")
    order = order_option("the categories of both axes")
    top = top_option("categories of an axis", "row or column")

    @override
    def filled(self, table: Table) -> Self:
        x, y = self._axes(table)
        return self.with_options(x=x, y=y)

    @override
    def plan(self, table: Table) -> compute_pb2.Plan:
        (x, y), (across, up) = self._axes(table), self._transforms(table)
        plan = compute_pb2.Plan(
            glyph=compute_pb2.GLYPH_POINTS,
            x=axis(table, x, "x", across, "x_scale", PLACED),
            y=axis(table, y, "y", up, "y_scale", PLACED),
            rank=self._rank(table.columns[x], across),
            rank_y=self._rank(table.columns[y], up),
        )
        add_reduction(plan, self, table)
        return plan

    @override
    def quantity(self, table: Table) -> frame_pb2.Quantity:
        return reduced_quantity(self, table)

    @override
    def data_extent(self, table: Table) -> Extent:
        return self._extent(table, whole_of)

    @override
    def default_extent(self, table: Table) -> Extent:
        return self._extent(table, opening)

    def _extent(self, table: Table, of: IntervalOf) -> Extent:
        (x, y), (across, up) = self._columns(table), self._transforms(table)
        return (
            *interval_of(self._rank(x, across), x, across, of),
            *interval_of(self._rank(y, up), y, up, of),
        )

    def _rank(self, column: ColumnInfo, transform: Transform) -> compute_pb2.Rank | None:
        """Parts of time stay as they follow each other: so a day or a week is read."""
        return None if transform.steps else rank_of(self, column, transform)

    def _columns(self, table: Table) -> tuple[ColumnInfo, ColumnInfo]:
        x, y = self._axes(table)
        return require_column(table, x, PLACED, "x"), require_column(table, y, PLACED, "y")

    def _transforms(self, table: Table) -> tuple[Transform, Transform]:
        x, y = self._axes(table)
        return transform_for(table, x, self.x_scale), transform_for(table, y, self.y_scale)

    def _axes(self, table: Table) -> tuple[str, str]:
        x = default_steps(table, "x", besides=self.y) if self.x is None else self.x
        y = default_steps(table, "y", besides=x) if self.y is None else self.y
        return x, y
