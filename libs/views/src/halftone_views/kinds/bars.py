"""Bars: the rows of each category, part of time or bin, or a figure of them."""

from typing import ClassVar, Self

from halftone.v1 import compute_pb2, frame_pb2
from typing_extensions import override

from halftone_views.columns import Table
from halftone_views.default_view import default_steps, opening, whole_of
from halftone_views.kinds.errors import add_errors, errors_option, interval_for
from halftone_views.kinds.ranked import IntervalOf, interval_of, order_option, rank_of, top_option
from halftone_views.kinds.reduced import (
    add_reduction,
    category_option,
    reduced_quantity,
    reduction_option,
    value_option,
)
from halftone_views.kinds.scaled import steps_option, transform_for
from halftone_views.lattice import FLAT, Extent
from halftone_views.options import Column
from halftone_views.reduction import statistics
from halftone_views.requirements import PLACED, axis, require_column
from halftone_views.view import Renderer, View


class Bars(View):
    """The rows of each category, part of time or bin of one column, or a figure of a value column, as bars."""

    kind: ClassVar[str] = "bars"
    title: ClassVar[str] = "Bars"
    renderer: ClassVar[Renderer] = "bars"

    x = Column(
        PLACED,
        label="X",
        doc="Column whose categories, parts of time or bins have a bar each; by default the first category.",
    )
    reduction = reduction_option(also=statistics())
    value = value_option()
    category = category_option()
    errors = errors_option()
    x_scale = steps_option("X")
    order = order_option("the bars of categories and parts of time")
    top = top_option("categories or parts of time", "bar")

    @override
    def filled(self, table: Table) -> Self:
        return self.with_options(x=self._axis(table))

    @override
    def plan(self, table: Table) -> compute_pb2.Plan:
        name = self._axis(table)
        transform = transform_for(table, name, self.x_scale)
        x = axis(table, name, "x", transform, "x_scale", PLACED)
        rank = rank_of(self, table.columns[name], transform)
        plan = compute_pb2.Plan(glyph=compute_pb2.GLYPH_BINS, x=x, rank=rank)
        add_reduction(plan, self, table)
        add_errors(plan, self, table)
        return plan

    @override
    def quantity(self, table: Table) -> frame_pb2.Quantity:
        quantity = reduced_quantity(self, table)
        quantity.interval = interval_for(self)
        return quantity

    @override
    def data_extent(self, table: Table) -> Extent:
        return self._extent(table, whole_of)

    @override
    def default_extent(self, table: Table) -> Extent:
        return self._extent(table, opening)

    def _extent(self, table: Table, of: IntervalOf) -> Extent:
        name = self._axis(table)
        column, transform = require_column(table, name, PLACED, "x"), transform_for(table, name, self.x_scale)
        return *interval_of(rank_of(self, column, transform), column, transform, of), *FLAT

    def _axis(self, table: Table) -> str:
        return default_steps(table, "x") if self.x is None else self.x
