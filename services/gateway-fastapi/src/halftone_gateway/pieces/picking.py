"""From a pick on the picture of a view to a request for rows, and from the answer to the page. Pure."""

from typing import Final

from halftone.v1.compute_pb2 import Axis, Column, NearestRows, Plan, RowRange, RowsRequest
from halftone.v1.rows_pb2 import ROWS_FORMAT_CELLS
from halftone.v1.session_pb2 import PickRows, RowPage
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.glyph import glyph_of

from halftone_gateway.access.granted import GrantedVersion
from halftone_gateway.compute.rows import RowsFetched

MOST_ROWS: Final = 50
# What a column is, without its statistics.
_NAMED: Final = ("name", "type", "dtype", "unit", "time_unit")


def rows_request(pick: PickRows, plan: Plan, granted: GrantedVersion) -> RowsRequest:
    """Raises the HalftoneError of what is wrong with the pick, with its field."""
    if pick.pick_id == 0:
        raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, "A pick id is above 0.", "pickId")
    if pick.limit > MOST_ROWS:
        raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, f"At most {MOST_ROWS} rows at once.", "limit")
    sort = pick.sort if pick.HasField("sort") else None
    for name, field in [(name, "columns") for name in pick.columns] + ([(sort.column, "sort.column")] if sort else []):
        if name not in granted.table.columns:
            raise HalftoneError(ErrorCode.UNKNOWN_COLUMN, field=field)
    has_place = pick.HasField("region") or pick.steps or pick.others or pick.steps_y or pick.others_y
    if pick.HasField("pointer") and has_place:
        raise HalftoneError(ErrorCode.PARAM_INVALID, "A pointer has neither a region nor steps.", "pointer")
    return RowsRequest(
        grant=granted.token,
        ranges=_ranges(pick, plan),
        nearest=_nearest(pick, plan) if pick.HasField("pointer") else None,
        columns=list(pick.columns) or list(granted.table.columns),
        sort=sort,
        offset=pick.offset,
        limit=pick.limit or MOST_ROWS,
        format=ROWS_FORMAT_CELLS,
    )


def row_page(pick: PickRows, granted: GrantedVersion, fetched: RowsFetched) -> RowPage:
    """The answer to a pick."""
    columns = granted.table.columns
    names = list(dict.fromkeys(pick.columns)) or list(columns)
    return RowPage(
        view_id=pick.view_id,
        pick_id=pick.pick_id,
        version_id=granted.version.version_id,
        matching=fetched.end.matching,
        offset=pick.offset,
        columns=[_named(columns[name].to_proto()) for name in names],
        rows=fetched.rows,
        receipt=fetched.end.receipt,
    )


def _ranges(pick: PickRows, plan: Plan) -> list[RowRange]:
    region = pick.region if pick.HasField("region") else None
    is_flat = glyph_of(plan.glyph).is_flat
    ranges = []
    if pick.steps or pick.others:
        ranges.append(RowRange(axis=plan.x, steps=pick.steps, others=pick.others))
    elif region is not None:
        ranges.append(_range(plan.x, region.x0, region.x1, "x"))
    if pick.steps_y or pick.others_y:
        if is_flat:
            raise HalftoneError(ErrorCode.PARAM_INVALID, "A picture with one axis has no steps of y.", "stepsY")
        ranges.append(RowRange(axis=plan.y, steps=pick.steps_y, others=pick.others_y))
    elif region is not None and not is_flat:
        ranges.append(_range(plan.y, region.y0, region.y1, "y"))
    return ranges


def _range(axis: Axis, low: float, high: float, side: str) -> RowRange:
    if not low < high:
        detail = "The lower end of a region lies below the upper one."
        raise HalftoneError(ErrorCode.PARAM_INVALID, detail, f"region.{side}1")
    return RowRange(axis=axis, low=low, high=high)


def _nearest(pick: PickRows, plan: Plan) -> NearestRows:
    pointer = pick.pointer
    if glyph_of(plan.glyph).is_flat:
        raise HalftoneError(ErrorCode.PARAM_INVALID, "A picture with one axis has no nearest row.", "pointer")
    return NearestRows(
        x_axis=plan.x,
        y_axis=plan.y,
        x=pointer.x,
        y=pointer.y,
        x_pixel=pointer.x_pixel,
        y_pixel=pointer.y_pixel,
        reach=pointer.reach,
    )


def pick_error(error: HalftoneError) -> HalftoneError:
    """An error of compute with the field that the pick has for it."""
    field = error.field
    if field.startswith("nearest."):
        first, *rest = field.removeprefix("nearest.").split("_")
        field = "pointer." + first + "".join(map(str.title, rest))
    elif field.startswith("ranges["):
        field = "region"
    return HalftoneError(error.code, error.detail, field, error.retry_after_ms)


def _named(column: Column) -> Column:
    return Column(**{name: getattr(column, name) for name in _NAMED})
