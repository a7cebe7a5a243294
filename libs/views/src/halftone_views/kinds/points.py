"""Points: every row is a dot at its x and y."""

from typing import ClassVar, Self

from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from typing_extensions import override

from halftone_views.columns import ColumnInfo, Table
from halftone_views.default_view import default_axis, is_in_degrees, is_map, opening, whole_of
from halftone_views.kinds.reduced import (
    add_reduction,
    category_option,
    reduced_quantity,
    reduction_option,
    value_option,
)
from halftone_views.kinds.scaled import scale_option
from halftone_views.lattice import Extent
from halftone_views.lattice.transform import Transform, labels_for, transform_named
from halftone_views.options import Choice, Column
from halftone_views.requirements import NUMERIC, axis, require_column
from halftone_views.transforms.linear import LINEAR
from halftone_views.view import Renderer, View

NO_PROJECTION = "none"


class Points(View):
    """Every row as a dot at its x and y, gathered in cells: how many rows, or a figure of a value column."""

    kind: ClassVar[str] = "points"
    title: ClassVar[str] = "Points"
    renderer: ClassVar[Renderer] = "grid"

    x = Column(NUMERIC, label="X", doc="Column of the horizontal axis; by default that of the default view.")
    y = Column(NUMERIC, label="Y", doc="Column of the vertical axis; by default that of the default view.")
    reduction = reduction_option()
    value = value_option()
    category = category_option()
    x_scale = scale_option("X")
    y_scale = scale_option("Y")
    projection = Choice(
        {NO_PROJECTION: "None", **labels_for("projection")},
        default=NO_PROJECTION,
        scales=True,
        label="Map projection",
        doc="How a longitude (X) and a latitude (Y), both in degrees, become a map.",
    )

    @override
    def filled(self, table: Table) -> Self:
        x, y = self._axes(table)
        return self.with_options(x=x, y=y)

    @override
    def plan(self, table: Table) -> compute_pb2.Plan:
        x, y = self._axes(table)
        self._check_projection(table)
        plan = compute_pb2.Plan(
            glyph=compute_pb2.GLYPH_POINTS,
            x=axis(table, x, "x", self._transforms[0], "x_scale"),
            y=axis(table, y, "y", self._transforms[1], "y_scale" if self._is_unprojected else "projection"),
        )
        add_reduction(plan, self, table)
        return plan

    @override
    def quantity(self, table: Table) -> frame_pb2.Quantity:
        return reduced_quantity(self, table)

    @override
    def data_extent(self, table: Table) -> Extent:
        (x, y), (across, up) = self._columns(table), self._transforms
        return *whole_of(x, across), *whole_of(y, up)

    @override
    def default_extent(self, table: Table) -> Extent:
        (x, y), (across, up) = self._columns(table), self._transforms
        return *opening(x, across), *opening(y, up)

    @override
    def is_map(self, table: Table) -> bool:
        return self.x_scale == self.y_scale == LINEAR.name and is_map(*self._columns(table))

    @property
    def _is_unprojected(self) -> bool:
        return bool(self.projection == NO_PROJECTION)

    @property
    def _transforms(self) -> tuple[Transform, Transform]:
        """Of x and of y; a projection changes latitudes alone."""
        return transform_named(self.x_scale), transform_named(self.y_scale if self._is_unprojected else self.projection)

    def _check_projection(self, table: Table) -> None:
        if self._is_unprojected:
            return
        for field in ("x_scale", "y_scale"):
            if getattr(self, field) != LINEAR.name:
                raise HalftoneError(ErrorCode.PARAM_INVALID, "With a map projection both scales are linear.", field)
        x, y = self._columns(table)
        if not is_in_degrees(x, y):
            detail = f"A map projection needs a longitude and a latitude in degrees, and {x.name} and {y.name} are not."
            raise HalftoneError(ErrorCode.PARAM_INVALID, detail, "projection")

    def _columns(self, table: Table) -> tuple[ColumnInfo, ColumnInfo]:
        x, y = self._axes(table)
        return require_column(table, x, NUMERIC, "x"), require_column(table, y, NUMERIC, "y")

    def _axes(self, table: Table) -> tuple[str, str]:
        x = default_axis(table, "x", besides=self.y) if self.x is None else self.x
        y = default_axis(table, "y", besides=x) if self.y is None else self.y
        return x, y
