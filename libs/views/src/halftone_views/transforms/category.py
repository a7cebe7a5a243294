"""Categories: each lies in the middle of a cell of its own, the most frequent first."""

from halftone.v1 import compute_pb2

from halftone_views.columns import EXACT_INTEGERS
from halftone_views.lattice.transform import Transform


def forward(value: float) -> float:
    """The middle of the cell of a code."""
    return value + 0.5


CATEGORY = Transform(
    name="category",
    label="Categories",
    code=compute_pb2.TRANSFORM_CATEGORY,
    use="steps",
    accepts=("category",),
    low=0.0,
    high=EXACT_INTEGERS,
    forward=forward,
    order=0,
)
