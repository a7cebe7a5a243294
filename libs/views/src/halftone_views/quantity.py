"""What a picture shows, for the client: the quantity of its cells and its axes, as messages."""

from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.columns import Table
from halftone_views.lattice.steps import cells_of, step_labels
from halftone_views.lattice.transform import transform_of
from halftone_views.reduction import Reduction


def quantity_of(reduction: Reduction, value: str = "", unit: str = "", category: str = "") -> frame_pb2.Quantity:
    """The quantity of a reduction, taken of a value column where it needs one; `unit` is that of the column.

    With a category column that of each of its categories.
    """
    quantity = frame_pb2.Quantity(
        label=f"{reduction.label} of {value}" if reduction.needs_value else reduction.label,
        unit=unit if reduction.within_value else reduction.unit,
        finisher=reduction.finisher,
        planes=reduction.planes,
        empty=reduction.empty,
        grows_with_area=reduction.grows_with_area,
        integer=reduction.integer,
        within_value=reduction.within_value,
        value=value if reduction.needs_value else "",
    )
    return _by_category(quantity, reduction, category) if category else quantity


def _by_category(quantity: frame_pb2.Quantity, reduction: Reduction, category: str) -> frame_pb2.Quantity:
    quantity.category = category
    quantity.label = f"{reduction.label} {category}" if reduction.of_categories else f"{quantity.label} by {category}"
    if not reduction.needs_value:
        quantity.planes[:] = [frame_pb2.PLANE_ROLE_CATEGORY]
        if reduction.finisher == frame_pb2.FINISHER_IDENTITY:
            # Rows of all categories are shown at once, each in its colour.
            quantity.finisher = frame_pb2.FINISHER_CATEGORIES
    return quantity


def view_axis(table: Table, axis: compute_pb2.Axis, rank: compute_pb2.Rank | None = None) -> compute_pb2.ViewAxis:
    """The axis of a plan, as a person reads it. The table has the axis's column; `rank` is the order of its steps."""
    info, transform = table.columns[axis.column], transform_of(axis.transform)
    column = info.to_proto()
    labels = step_labels(info, transform) if transform.has_steps else []
    cells = 0 if rank is None else cells_of(len(labels), rank.top)
    if cells < len(labels) and cells:
        # All others together come behind all steps.
        labels.append(f"Other ({len(labels) - cells + 1:,})")
    return compute_pb2.ViewAxis(
        column=axis.column,
        type=column.type,
        transform=axis.transform,
        label=f"{axis.column} · {transform.label}" if transform.steps else axis.column,
        unit=column.unit,
        time_unit=column.time_unit,
        steps=[compute_pb2.AxisStep(label=label) for label in labels],
        ranked=cells,
        width=axis.width,
    )
