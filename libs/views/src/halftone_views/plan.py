"""Plans: a view resolved against a version, the pieces it needs, and their ids. Pure."""

import hashlib
from dataclasses import dataclass
from typing import TypeAlias

from google.protobuf.message import Message
from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_views.base import View
from halftone_views.columns import ColumnInfo, Table
from halftone_views.lattice import Address, Viewport, level_for, padded, tiles_for, viewport_from_proto

# Part of every piece id: raise it when a piece of the same plan and address would get other numbers.
ENGINE_REVISION = 1
MAX_CATEGORY_PLANES = 16
# Room around the data when a view opens without an extent.
PADDING = 0.02

NUMERIC = ("number", "time")

Role: TypeAlias = "frame_pb2.PlaneRole.ValueType"
_ROLES: "dict[compute_pb2.Aggregate.ValueType, tuple[Role, ...]]" = {
    compute_pb2.AGGREGATE_COUNT: (frame_pb2.PLANE_ROLE_COUNT,),
    compute_pb2.AGGREGATE_SUM: (frame_pb2.PLANE_ROLE_COUNT, frame_pb2.PLANE_ROLE_VALID, frame_pb2.PLANE_ROLE_SUM),
    compute_pb2.AGGREGATE_MIN: (frame_pb2.PLANE_ROLE_COUNT, frame_pb2.PLANE_ROLE_VALID, frame_pb2.PLANE_ROLE_MIN),
    compute_pb2.AGGREGATE_MAX: (frame_pb2.PLANE_ROLE_COUNT, frame_pb2.PLANE_ROLE_VALID, frame_pb2.PLANE_ROLE_MAX),
    compute_pb2.AGGREGATE_SQUARES: (
        frame_pb2.PLANE_ROLE_COUNT,
        frame_pb2.PLANE_ROLE_VALID,
        frame_pb2.PLANE_ROLE_SQUARES,
    ),
}


@dataclass(frozen=True, slots=True)
class Resolved:
    """What one view state needs: `addresses` is None for one grid of the whole viewport; ids are in their order."""

    plan: compute_pb2.Plan
    viewport: Viewport
    addresses: tuple[Address, ...] | None
    piece_ids: tuple[bytes, ...]


def resolve(view: View, table: Table, viewport: frame_pb2.Viewport, policy_hash: str) -> Resolved:
    """Plans a view for a viewport; an absent extent is that of the data with 2 % room on each side.

    Raises `HalftoneError` as `View.plan` and `validate_viewport` do.
    """
    plan = view.plan(table)
    checked = viewport_from_proto(viewport, padded(view.data_extent(table), PADDING), plan.glyph)
    if checked.exact:
        return Resolved(plan, checked, None, (piece_id(plan, table.version_id, checked, policy_hash),))
    addresses = tuple(tiles_for(checked, *level_for(checked), plan.glyph))
    ids = tuple(piece_id(plan, table.version_id, address, policy_hash) for address in addresses)
    return Resolved(plan, checked, addresses, ids)


def piece_id(plan: compute_pb2.Plan, version_id: str, place: Address | Viewport, policy_hash: str) -> bytes:
    """16 bytes: the start of SHA-256 over everything that decides the numbers of a piece.

    `place` is a tile or a whole viewport; `policy_hash` is that of the row filter only.
    """
    if isinstance(place, Viewport) and plan.glyph == compute_pb2.GLYPH_BINS:
        place = place.flat()
    digest = hashlib.sha256()
    parts = (
        str(ENGINE_REVISION).encode(),
        version_id.encode(),
        _canonical(plan),
        type(place).__name__.encode(),
        _canonical(place.to_proto()),
        policy_hash.encode(),
    )
    for part in parts:
        # The length in front keeps two neighbours from running into each other.
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()[:16]


def planes_of(plan: compute_pb2.Plan) -> list[tuple[Role, int]]:
    """(role, category) of every plane of a piece, in order; category is 0 but for category planes."""
    if plan.aggregate == compute_pb2.AGGREGATE_CATEGORIES:
        return [(frame_pb2.PLANE_ROLE_CATEGORY, category) for category in range(plan.category_planes)]
    return [(role, 0) for role in _ROLES[plan.aggregate]]


def require_column(table: Table, name: str, accepts: tuple[str, ...], field: str) -> ColumnInfo:
    """The named column. Raises `unknown_column`, or `unsupported_type` when it is of another type."""
    column = table.columns.get(name)
    if column is None:
        raise HalftoneError(ErrorCode.UNKNOWN_COLUMN, field=field)
    if column.type not in accepts:
        needed = " or ".join(accepts)
        raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, f"A {needed} column is needed here, not {column.type}.", field)
    return column


def axis(table: Table, name: str, field: str) -> compute_pb2.Axis:
    """A linear axis of a number or time column. Raises as `require_column`; whole numbers from 2**53 on are refused."""
    column = require_column(table, name, NUMERIC, field)
    if not column.is_exact:
        raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, "Whole numbers from 2**53 on cannot be an axis.", field)
    return compute_pb2.Axis(column=name, transform=compute_pb2.TRANSFORM_LINEAR)


def axis_column(table: Table, field: str, besides: str | None = None) -> str:
    """The first column that can be an axis. Raises `param_invalid` when there is none left."""
    for column in table.columns.values():
        if column.type in NUMERIC and column.is_exact and column.name != besides:
            return column.name
    raise HalftoneError(ErrorCode.PARAM_INVALID, f"No number or time column is left for {field}.", field)


def _canonical(message: Message) -> bytes:
    return message.SerializeToString(deterministic=True)
