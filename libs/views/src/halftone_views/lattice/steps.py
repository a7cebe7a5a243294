"""The steps of an axis: what each of its cells stands for, of categories and of parts of time."""

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_views.columns import ColumnInfo
from halftone_views.lattice.transform import Transform

# As many as a picture has pixels on a side.
MAX_STEPS = 4096


def step_count(column: ColumnInfo, transform: Transform) -> int:
    """How many steps a column has on an axis of steps; one where there is no category."""
    return len(transform.steps) or max(1, column.category_codes)


def step_labels(column: ColumnInfo, transform: Transform) -> list[str | None]:
    """The label of each step: None for rows without a category, empty for categories that the version does not list."""
    if transform.steps:
        return list(transform.steps)
    listed = [label for label, _ in column.categories]
    return listed + [""] * (step_count(column, transform) - len(listed))


def cells_of(steps: int, top: int) -> int:
    """How many cells an axis of so many steps has: with `top`, one for all but the first ones together."""
    return top + 1 if 0 < top < steps else steps


def require_steps(column: ColumnInfo, transform: Transform, field: str) -> None:
    """Raises `too_many_categories` for more steps than a picture can show."""
    if step_count(column, transform) > MAX_STEPS:
        detail = f"{column.name} has {column.category_codes:,} categories; an axis may have {MAX_STEPS:,}."
        raise HalftoneError(ErrorCode.TOO_MANY_CATEGORIES, detail, field)
