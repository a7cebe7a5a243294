"""Histogram: the rows of each bin of one column, or a figure of them."""

from typing import ClassVar, Self

from halftone.v1 import compute_pb2, frame_pb2
from typing_extensions import override

from halftone_views.columns import Table
from halftone_views.default_view import default_axis, opening, whole_of
from halftone_views.kinds.ranked import IntervalOf
from halftone_views.kinds.reduced import (
    add_reduction,
    category_option,
    reduced_quantity,
    reduction_option,
    value_option,
)
from halftone_views.kinds.scaled import bins_option, scale_option, width_for, width_option
from halftone_views.lattice import FLAT, Extent
from halftone_views.lattice.bins import bins_around
from halftone_views.lattice.transform import Transform, transform_named
from halftone_views.options import Column
from halftone_views.requirements import NUMERIC, axis, require_column
from halftone_views.view import Renderer, View


class Histogram(View):
    """The rows of each bin of one column, or a figure of a value column, as bars; bins are cells of the lattice, or
    have a width of their own.
    """

    kind: ClassVar[str] = "histogram"
    title: ClassVar[str] = "Histogram"
    renderer: ClassVar[Renderer] = "bars"

    x = Column(NUMERIC, label="X", doc="Column that is cut into bins; by default that of the default view.")
    reduction = reduction_option()
    value = value_option()
    category = category_option()
    x_scale = scale_option("X")
    bins = bins_option()
    bin_width = width_option()

    @override
    def filled(self, table: Table) -> Self:
        return self.with_options(x=self._axis(table))

    @override
    def plan(self, table: Table) -> compute_pb2.Plan:
        transform, name = self._transform, self._axis(table)
        plan = compute_pb2.Plan(glyph=compute_pb2.GLYPH_BINS, x=axis(table, name, "x", transform, "x_scale"))
        plan.x.width = width_for(table.columns[name], transform, self.bin_width, "bin_width")
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

    @override
    def most_cells(self) -> int:
        return self.bins

    def _extent(self, table: Table, of: IntervalOf) -> Extent:
        column = require_column(table, self._axis(table), NUMERIC, "x")
        low, high = of(column, self._transform)
        width = width_for(column, self._transform, self.bin_width, "bin_width")
        return *(bins_around(low, high, width) if width else (low, high)), *FLAT

    @property
    def _transform(self) -> Transform:
        return transform_named(self.x_scale)

    def _axis(self, table: Table) -> str:
        return default_axis(table, "x") if self.x is None else self.x
