"""Plans: a view resolved against a version, the pieces it needs, and their ids. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from google.protobuf.message import Message
from halftone.v1 import compute_pb2, frame_pb2

from halftone_views.codes import (
    EARLIEST_AT,
    EARLIEST_KEYS,
    FIRST_ROW,
    FIRST_ROWS,
    LAST_ROW,
    LAST_ROWS,
    LATEST_AT,
    LATEST_KEYS,
    Accumulator,
    Role,
)
from halftone_views.columns import Table
from halftone_views.glyph import glyph_of
from halftone_views.lattice import Address, Extent, Viewport, level_for, padded, tiles_for, viewport_from_proto
from halftone_views.lattice.bins import on_bins
from halftone_views.lattice.viewport import on_steps
from halftone_views.quantity import view_axis
from halftone_views.view import View

# Part of every piece id: raise it when a piece of the same plan and address would get other numbers.
ENGINE_REVISION = 3
MAX_CATEGORY_PLANES = 16
# Room around what a view opens with when no extent is given.
PADDING = 0.02

# The plane of each accumulator; by category COUNT gives planes of the role CATEGORY instead.
ROLES: Mapping[Accumulator, Role] = MappingProxyType(
    {
        compute_pb2.ACCUMULATOR_COUNT: frame_pb2.PLANE_ROLE_COUNT,
        compute_pb2.ACCUMULATOR_VALID: frame_pb2.PLANE_ROLE_VALID,
        compute_pb2.ACCUMULATOR_ADD: frame_pb2.PLANE_ROLE_SUM,
        compute_pb2.ACCUMULATOR_MIN: frame_pb2.PLANE_ROLE_MIN,
        compute_pb2.ACCUMULATOR_MAX: frame_pb2.PLANE_ROLE_MAX,
        compute_pb2.ACCUMULATOR_MOMENTS: frame_pb2.PLANE_ROLE_SQUARES,
        compute_pb2.ACCUMULATOR_FIRST: frame_pb2.PLANE_ROLE_FIRST,
        compute_pb2.ACCUMULATOR_LAST: frame_pb2.PLANE_ROLE_LAST,
        compute_pb2.ACCUMULATOR_EARLIEST: frame_pb2.PLANE_ROLE_EARLIEST,
        compute_pb2.ACCUMULATOR_LATEST: frame_pb2.PLANE_ROLE_LATEST,
        FIRST_ROW: FIRST_ROWS,
        LAST_ROW: LAST_ROWS,
        EARLIEST_AT: EARLIEST_KEYS,
        LATEST_AT: LATEST_KEYS,
    }
)
_COUNTED = (compute_pb2.ACCUMULATOR_COUNT,)
_VALUED = (compute_pb2.ACCUMULATOR_COUNT, compute_pb2.ACCUMULATOR_VALID)
# What the plans of earlier gateways mean, which name an aggregate and no accumulators.
_OF_AGGREGATE: Mapping[int, tuple[Accumulator, ...]] = MappingProxyType(
    {
        compute_pb2.AGGREGATE_COUNT: _COUNTED,
        compute_pb2.AGGREGATE_CATEGORIES: _COUNTED,
        compute_pb2.AGGREGATE_SUM: (*_VALUED, compute_pb2.ACCUMULATOR_ADD),
        compute_pb2.AGGREGATE_MIN: (*_VALUED, compute_pb2.ACCUMULATOR_MIN),
        compute_pb2.AGGREGATE_MAX: (*_VALUED, compute_pb2.ACCUMULATOR_MAX),
        compute_pb2.AGGREGATE_SQUARES: (*_VALUED, compute_pb2.ACCUMULATOR_MOMENTS),
    }
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What one view state needs: tiles or, where `addresses` is None, one grid of the viewport `whole`, which differs
    from the one asked for where an axis has steps or bins of a width; ids are in their order.

    `quantity`, `x` and `y` say what the picture shows; `y` is None where the number of a cell is its height.
    """

    plan: compute_pb2.Plan
    viewport: Viewport
    whole: Viewport
    addresses: tuple[Address, ...] | None
    piece_ids: tuple[bytes, ...]
    quantity: frame_pb2.Quantity
    x: compute_pb2.ViewAxis
    y: compute_pb2.ViewAxis | None


@dataclass(frozen=True, slots=True)
class PlannedView:
    """What a view shows of a version, before there is a viewport; `extent` is what it opens with: nearly all of the
    data, with room around it.
    """

    version_id: str
    plan: compute_pb2.Plan
    extent: Extent
    quantity: frame_pb2.Quantity
    x: compute_pb2.ViewAxis
    y: compute_pb2.ViewAxis | None
    most_cells: int = 0

    @classmethod
    def of(cls, view: View, table: Table) -> "PlannedView":
        """Raises `HalftoneError` as `View.plan` does."""
        plan = view.plan(table)
        return cls(
            version_id=table.version_id,
            plan=plan,
            extent=padded(view.default_extent(table), PADDING),
            quantity=view.quantity(table),
            x=view_axis(table, plan.x, plan.rank if plan.HasField("rank") else None),
            y=None
            if glyph_of(plan.glyph).is_flat
            else view_axis(table, plan.y, plan.rank_y if plan.HasField("rank_y") else None),
            most_cells=view.most_cells(),
        )

    def at(self, viewport: frame_pb2.Viewport, policy_hash: str) -> Resolved:
        """The pieces of a viewport; an absent extent is what the view opens with. Raises as `validate_viewport`."""
        plan = self.plan
        checked = viewport_from_proto(viewport, self.extent, plan.glyph)
        whole = on_steps(checked, _steps_of(self.x), None if self.y is None else _steps_of(self.y))
        whole = on_bins(whole, self.most_cells, has_width=plan.x.width > 0)
        addresses = None if checked.exact else tuple(tiles_for(whole, *level_for(whole), plan.glyph))
        places: tuple[Address | Viewport, ...] = (whole,) if addresses is None else addresses
        ids = piece_ids(plan, self.version_id, places, policy_hash)
        return Resolved(plan, checked, whole, addresses, ids, self.quantity, self.x, self.y)


def resolve(view: View, table: Table, viewport: frame_pb2.Viewport, policy_hash: str) -> Resolved:
    """Plans a view for a viewport; an absent extent is what the view opens with, with 2 % room on each side.

    Raises `HalftoneError` as `View.plan` and `validate_viewport` do.
    """
    return PlannedView.of(view, table).at(viewport, policy_hash)


def piece_id(plan: compute_pb2.Plan, version_id: str, place: Address | Viewport, policy_hash: str) -> bytes:
    """16 bytes: the start of SHA-256 over everything that decides the numbers of a piece.

    `place` is a tile or a whole viewport; `policy_hash` is that of the row filter only.
    """
    (only,) = piece_ids(plan, version_id, (place,), policy_hash)
    return only


def piece_ids(
    plan: compute_pb2.Plan, version_id: str, places: Iterable[Address | Viewport], policy_hash: str
) -> tuple[bytes, ...]:
    """The ids of several pieces of one plan, in the order of their places. What they begin with is hashed once."""
    start = hashlib.sha256(_parts(str(ENGINE_REVISION).encode(), version_id.encode(), _canonical(plan)))
    end = policy_hash.encode()
    ids = []
    for place in places:
        named = place.flat() if isinstance(place, Viewport) and glyph_of(plan.glyph).is_flat else place
        digest = start.copy()
        digest.update(_parts(type(place).__name__.encode(), _canonical(named.to_proto()), end))
        ids.append(digest.digest()[:16])
    return tuple(ids)


def columns_of(plan: compute_pb2.Plan) -> list[str]:
    """The columns that a plan reads; a column that it reads twice is named twice."""
    return [name for name in (plan.x.column, plan.y.column, plan.value, plan.category) if name]


def accumulators_of(plan: compute_pb2.Plan) -> tuple[Accumulator, ...]:
    """What a plan gathers, ascending; a plan without accumulators means those of its aggregate. Empty: neither."""
    return tuple(plan.accumulators) or _OF_AGGREGATE.get(plan.aggregate, ())


def is_by_category(plan: compute_pb2.Plan) -> bool:
    """Whether each category has planes of its own."""
    return bool(plan.category) if plan.accumulators else plan.aggregate == compute_pb2.AGGREGATE_CATEGORIES


def planes_of(plan: compute_pb2.Plan) -> list[tuple[Role, int]]:
    """(role, category) of every plane of a piece, in order; category is 0 but by category.

    By category rows have `category_planes` planes; what is made of values has one more, of all rows together.
    """
    accumulators = accumulators_of(plan)
    if not is_by_category(plan):
        return [(ROLES[accumulator], 0) for accumulator in accumulators]
    counts = [(frame_pb2.PLANE_ROLE_CATEGORY, category) for category in range(plan.category_planes)]
    roles = [ROLES[accumulator] for accumulator in accumulators[1:]]
    return [*counts, *((role, category) for role in roles for category in range(plan.category_planes + 1))]


def _steps_of(axis: compute_pb2.ViewAxis) -> int | None:
    return axis.ranked or len(axis.steps) or None


def _parts(*parts: bytes) -> bytes:
    """One behind the other. The length in front keeps two neighbours from running into each other."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def _canonical(message: Message) -> bytes:
    return message.SerializeToString(deterministic=True)
