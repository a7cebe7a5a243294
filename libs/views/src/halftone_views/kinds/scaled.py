"""The options of kinds whose axes have a scale or bins, and the transform of an axis."""

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

from halftone_views.columns import ColumnInfo, Table
from halftone_views.lattice import MAX_SIDE
from halftone_views.lattice.transform import Transform, labels_for, transform_named
from halftone_views.options import Amount, Choice, Width
from halftone_views.requirements import require_width
from halftone_views.transforms.category import CATEGORY
from halftone_views.transforms.linear import LINEAR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from halftone_views.columns import TimeUnit

# Of a time in a second.
_COUNTS: "Mapping[TimeUnit, float]" = MappingProxyType({"us": 1e6, "ms": 1e3})


def scale_option(axis: str) -> Choice:
    """How the values of an axis lie on it; `axis` is its name."""
    return Choice(
        labels_for("scale"),
        default=LINEAR.name,
        scales=True,
        label=f"{axis} scale",
        doc=f"How the values of {axis} lie on the axis: evenly, or each ten times the last at equal steps (log).",
    )


def steps_option(axis: str, *, of_categories: bool = True) -> Choice:
    """How the values of an axis lie on it, where its cells may be parts of time, or categories (`of_categories`)."""
    parts = {name: label for name, label in labels_for("steps").items() if name != CATEGORY.name}
    return Choice(
        {**labels_for("scale"), LINEAR.name: "Values or categories" if of_categories else "Values", **parts},
        default=LINEAR.name,
        scales=True,
        label=f"{axis} scale",
        doc=f"How the values of {axis} lie on the axis: evenly, each ten times the last at equal steps (log), or times "
        "by a part of them." + (" Categories always have a cell each." if of_categories else ""),
    )


def bins_option() -> Amount:
    """How many bins a picture has."""
    return Amount(
        MAX_SIDE,
        scales=False,
        label="Bins",
        doc="At most so many bins in view: their width is a power of two, or as many times the bin width. 0: as many "
        "as there is room for.",
    )


def width_option() -> Width:
    """How wide a bin is."""
    return Width(
        label="Bin width",
        doc="Width of a bin in the unit of X, from 0 on: of times in seconds since 1970 UTC, on a logarithmic axis in "
        "powers of ten. Where bins have no room, 2, 4, 8 and so on are shown as one. 0: a power of two that follows "
        "the zoom.",
    )


def width_for(column: ColumnInfo, transform: Transform, width: float, field: str) -> float:
    """The width of bins in units of a transform, of the option `field`. Raises HalftoneError as `require_width`."""
    if column.type == "time" and width > 0:
        # As whole a number as times are; none is no width.
        width = float(round(width * _COUNTS[column.time_unit])) or math.inf
    require_width(column, transform, width, field)
    return width


def transform_for(table: Table, name: str, scale: str) -> Transform:
    """The transform of an axis whose scale is of `steps_option`: categories have their own."""
    column = table.columns.get(name)
    is_category = column is not None and column.type == "category" and scale == LINEAR.name
    return CATEGORY if is_category else transform_named(scale)
