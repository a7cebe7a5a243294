"""The option of kinds whose axes have a scale."""

from halftone_views.lattice.transform import labels_for
from halftone_views.options import Choice
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
