"""The option of kinds that draw an interval about a mean, and what it adds to a plan and its quantity."""

from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_views.columns import Table
from halftone_views.options import Choice
from halftone_views.reduction import reduction_of
from halftone_views.requirements import require_value

if TYPE_CHECKING:
    from collections.abc import Mapping

_NONE, _MEAN_95 = "none", "mean95"
_INTERVALS: "Mapping[str, frame_pb2.Interval.ValueType]" = MappingProxyType(
    {_NONE: frame_pb2.INTERVAL_UNSPECIFIED, _MEAN_95: frame_pb2.INTERVAL_MEAN_95}
)


class WithErrors(Protocol):
    """A kind with these options, the first made by the function below."""

    errors: str
    reduction: str


def errors_option() -> Choice:
    """Which interval is drawn about a mean."""
    return Choice(
        {_NONE: "None", _MEAN_95: "95 % interval of the mean"},
        default=_NONE,
        label="Error bars",
        doc="What is drawn about a mean: nothing, or its approximate 95 % confidence interval, 1.96 times the standard "
        "deviation of the sample over the root of the number of values to each side. One value alone has none.",
    )


def add_errors(plan: compute_pb2.Plan, view: WithErrors, table: Table) -> None:
    """Adds to a plan what the interval is made of. Raises HalftoneError for what is no mean, with the field `errors`,
    and for a column whose spread would be rounded.
    """
    if view.errors == _NONE:
        return
    reduction = reduction_of(view.reduction)
    if (reduction.finisher, reduction.planes) != (frame_pb2.FINISHER_RATIO, (frame_pb2.PLANE_ROLE_SUM,)):
        raise HalftoneError(ErrorCode.PARAM_INVALID, "Only a mean has error bars.", "errors")
    plan.accumulators[:] = sorted({*plan.accumulators, compute_pb2.ACCUMULATOR_MOMENTS})
    require_value(table, plan.value, plan.accumulators, "value")


def interval_for(view: WithErrors) -> "frame_pb2.Interval.ValueType":
    """What a quantity says of it."""
    return _INTERVALS[view.errors]
