"""The options of kinds whose axes have a scale, and the transform of an axis."""

from halftone_views.columns import Table
from halftone_views.lattice.transform import Transform, labels_for, transform_named
from halftone_views.options import Choice
from halftone_views.transforms.category import CATEGORY
from halftone_views.transforms.linear import LINEAR


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


def transform_for(table: Table, name: str, scale: str) -> Transform:
    """The transform of an axis whose scale is of `steps_option`: categories have their own."""
    column = table.columns.get(name)
    is_category = column is not None and column.type == "category" and scale == LINEAR.name
    return CATEGORY if is_category else transform_named(scale)
