"""From a view's options and viewport to the pieces it needs: the gateway's only use of the view kinds."""

from google.protobuf.struct_pb2 import Struct, Value
from halftone.v1.frame_pb2 import Extent, Viewport
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views import PlannedView, Resolved, View, columns_of, options_json

from halftone_gateway.access.granted import GrantedVersion


def plan_view(view: View, granted: GrantedVersion) -> PlannedView:
    """Raises HalftoneError for a column that does not exist or may not be read (the same error)."""
    planned = PlannedView.of(view, granted.table)
    for column in columns_of(planned.plan):
        if not granted.grant.allows(column):
            raise HalftoneError(ErrorCode.UNKNOWN_COLUMN)
    return planned


def resolve_view(view: View, granted: GrantedVersion, viewport: Viewport) -> Resolved:
    """The pieces of a viewport. Raises HalftoneError as `plan_view` does, or for a bad viewport."""
    return plan_view(view, granted).at(viewport, granted.grant.policy_hash)


def extent_of(view: View, granted: GrantedVersion) -> Extent:
    """What the view opens with on its axes."""
    return _extent(*view.default_extent(granted.table))


def whole_extent_of(view: View, granted: GrantedVersion) -> Extent:
    """All of the data on the view's axes."""
    return _extent(*view.data_extent(granted.table))


def _extent(x0: float, x1: float, y0: float, y1: float) -> Extent:
    return Extent(x0=x0, x1=x1, y0=y0, y1=y1)


def filled_options(view: View, granted: GrantedVersion) -> Struct:
    """Every option, with defaults and chosen columns filled in."""
    filled = Struct()
    filled.update(options_json(view, granted.table))
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
