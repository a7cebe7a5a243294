"""Line: a number over another or over time, each column of pixels with all of its values or with a figure of them."""

from typing import ClassVar, Self

from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import ErrorCode
from typing_extensions import override

from halftone_views.columns import Table
from halftone_views.default_view import default_axis, opening, whole_of
from halftone_views.kinds.reduced import add_category, category_option, reduced_column
from halftone_views.kinds.scaled import steps_option
from halftone_views.lattice import FLAT, Extent
from halftone_views.lattice.transform import Transform, transform_named
from halftone_views.options import Choice, Column
from halftone_views.quantity import quantity_of
from halftone_views.reduction import Reduction, reduction_of, reductions
from halftone_views.requirements import NUMERIC, axis, require_column
from halftone_views.view import Renderer, View

EVERY = Reduction(
    name="every",
    label="Every value",
    accumulators=(
        compute_pb2.ACCUMULATOR_MIN,
        compute_pb2.ACCUMULATOR_MAX,
        compute_pb2.ACCUMULATOR_EARLIEST,
        compute_pb2.ACCUMULATOR_LATEST,
    ),
    finisher=frame_pb2.FINISHER_SPAN,
    planes=(
        frame_pb2.PLANE_ROLE_EARLIEST,
        frame_pb2.PLANE_ROLE_LATEST,
        frame_pb2.PLANE_ROLE_MIN,
        frame_pb2.PLANE_ROLE_MAX,
    ),
    empty=frame_pb2.EMPTY_NO_VALUE,
    within_value=True,
)
# What the band about a figure of values reaches between.
_BAND = (compute_pb2.ACCUMULATOR_MIN, compute_pb2.ACCUMULATOR_MAX)


class Line(View):
    """A number over another number or over time, as a line: every value of it, or a figure of those in each column of
    pixels with a band from the least to the greatest.

    Rows follow each other by X; at one X from the least to the greatest Y. With every value the picture is that of the
    line through all rows in view, pixel by pixel, with X rounded to columns (M4: Jugel et al. 2014, "M4: A
    Visualization-Oriented Time Series Data Aggregation"): a column reaches from its least to its greatest value, and is
    joined to the next column that has rows. Gaps stay gaps: that join is broken where a row without a finite Y lies
    between the two values that it joins, by X. A row whose X another row with a value shares breaks nothing, nor does
    one between two values of the same column. A line of figures is broken by columns whose rows all lack a value.
    """

    kind: ClassVar[str] = "line"
    title: ClassVar[str] = "Line"
    renderer: ClassVar[Renderer] = "lines"

    x = Column(
        NUMERIC,
        label="X",
        doc="Column that the line goes along; by default the first time, or that of the default view.",
    )
    y = Column(("number",), label="Y", doc="Column of the numbers that the line joins; by default one that X is not.")
    reduction = Choice(
        {
            EVERY.name: EVERY.label,
            **{name: reduction.label for name, reduction in reductions().items() if reduction.needs_value},
        },
        default=EVERY.name,
        refusal=ErrorCode.UNKNOWN_AGG,
        label="Reduction",
        doc="What a column of pixels shows: all of its values, or a figure of them.",
    )
    category = category_option()
    x_scale = steps_option("X", of_categories=False)

    @override
    def filled(self, table: Table) -> Self:
        x, y = self._axes(table)
        return self.with_options(x=x, y=y)

    @override
    def plan(self, table: Table) -> compute_pb2.Plan:
        x, y = self._axes(table)
        reduction = self._reduction
        require_column(table, y, ("number",), "y")
        plan = compute_pb2.Plan(
            glyph=compute_pb2.GLYPH_BINS,
            x=axis(table, x, "x", self._transform, "x_scale"),
            value=reduced_column(table, y, reduction, "y").name,
            accumulators=sorted({*reduction.gathered(), *(_BAND if reduction.within_value else ())}),
        )
        add_category(plan, self.category, reduction, table)
        return plan

    @override
    def quantity(self, table: Table) -> frame_pb2.Quantity:
        _, y = self._axes(table)
        return quantity_of(self._reduction, y, table.columns[y].unit, self.category or "")

    @override
    def data_extent(self, table: Table) -> Extent:
        return *whole_of(require_column(table, self._axes(table)[0], NUMERIC, "x"), self._transform), *FLAT

    @override
    def default_extent(self, table: Table) -> Extent:
        return *opening(require_column(table, self._axes(table)[0], NUMERIC, "x"), self._transform), *FLAT

    @property
    def _reduction(self) -> Reduction:
        return EVERY if self.reduction == EVERY.name else reduction_of(self.reduction)

    @property
    def _transform(self) -> Transform:
        return transform_named(self.x_scale)

    def _axes(self, table: Table) -> tuple[str, str]:
        times = [name for name, column in table.columns.items() if column.type == "time" and column.min is not None]
        x = self.x or (times[0] if times else default_axis(table, "x", besides=self.y))
        y = self.y or default_axis(table, "y", besides=x)
        if self.y is None and table.columns[y].type != "number":
            # Refused where it is the only one.
            y = next((name for name, column in table.columns.items() if column.type == "number" and name != x), y)
        return x, y
