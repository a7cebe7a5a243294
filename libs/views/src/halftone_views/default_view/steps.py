"""The column of an axis of steps that a person did not choose: a category that says something."""

from halftone_views.columns import Table
from halftone_views.default_view.axes import default_axis
from halftone_views.lattice.steps import MAX_STEPS


def default_steps(table: Table, field: str, besides: str | None = None) -> str:
    """The first category that an axis has room for, one that is not `besides`; without one the axis of the default
    view. Raises as `default_axis`.
    """
    for column in table.columns.values():
        if column.type == "category" and 1 < column.category_codes <= MAX_STEPS and column.name != besides:
            return column.name
    return default_axis(table, field, besides)
