"""From a view's options and viewport to the pieces it needs: the gateway's only use of the view kinds."""

from google.protobuf.struct_pb2 import Struct, Value
from halftone.v1.compute_pb2 import Plan
from halftone.v1.frame_pb2 import Extent, Viewport
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.plan import Resolved, resolve
from halftone_views.view import View, options_json

from halftone_gateway.access.granted import Access

Planned = Resolved


def plan_view(view: View, access: Access, viewport: Viewport) -> Planned:
    """Raises HalftoneError for a column that does not exist or may not be read (the same error), or a bad viewport."""
    planned = resolve(view, access.table, viewport, access.grant.policy_hash)
    for column in columns_of(planned.plan):
        if not access.grant.allows(column):
            raise HalftoneError(ErrorCode.UNKNOWN_COLUMN)
    return planned


def columns_of(plan: Plan) -> list[str]:
    """The columns that a plan reads."""
    return [name for name in (plan.x.column, plan.y.column, plan.value, plan.category) if name]


def extent_of(view: View, access: Access) -> Extent:
    """The whole extent of the data on the view's axes."""
    x0, x1, y0, y1 = view.data_extent(access.table)
    return Extent(x0=x0, x1=x1, y0=y0, y1=y1)


def filled_options(view: View, access: Access) -> Struct:
    """Every option, defaults and chosen columns filled in."""
    filled = Struct()
    filled.update(options_json(view, access.table))
    return filled


def options_of(struct: Struct) -> dict[str, object]:
    """The options of a message as plain values."""
    return {name: _plain(value) for name, value in struct.fields.items()}


def _plain(value: Value) -> object:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return options_of(value.struct_value)
    if kind == "list_value":
        return [_plain(item) for item in value.list_value.values]
    return None if kind in (None, "null_value") else getattr(value, kind)
