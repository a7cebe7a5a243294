"""What to render, checked: the plan against the columns of the version, the places against the lattice."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.columns import Table
from halftone_views.glyph import glyph_of, glyphs
from halftone_views.lattice import FLAT, Address, Viewport, viewport_from_proto
from halftone_views.lattice.steps import MAX_STEPS
from halftone_views.lattice.transform import transforms
from halftone_views.plan import MAX_CATEGORY_PLANES, ROLES, Resolved, accumulators_of, is_by_category, piece_ids
from halftone_views.requirements import PLACED, axis, require_category, require_value, require_width

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from halftone_servicekit.tokens import Grant
    from halftone_views.codes import Accumulator

    from halftone_compute.store.base import Block, OpenVersion

Place: TypeAlias = Address | Viewport

_ROWS = (compute_pb2.ACCUMULATOR_COUNT,)
_ROWS_AND_VALID = (compute_pb2.ACCUMULATOR_COUNT, compute_pb2.ACCUMULATOR_VALID)

# Finishers whose numbers rank steps.
RANKING = frozenset(frame_pb2.Finisher.values()) - {
    frame_pb2.FINISHER_UNSPECIFIED,
    frame_pb2.FINISHER_CATEGORIES,
    frame_pb2.FINISHER_MODE,
}
AxisName: TypeAlias = Literal["x", "y"]
AXES: tuple[AxisName, ...] = ("x", "y")
_RANKS: Mapping[AxisName, Literal["rank", "rank_y"]] = MappingProxyType({"x": "rank", "y": "rank_y"})
MAX_TILES = 1024
MAX_DEADLINE_MS = 10_000


class RowFilter(Protocol):
    """Which rows of a version count."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that `mask` reads."""

    def mask(self, block: Block) -> np.ndarray:
        """A bool array of shape (rows,): True for the rows of the block that count."""


@dataclass(frozen=True, slots=True)
class RenderJob:
    """The pieces of one request, by id. Places are tiles of one level, or one free viewport."""

    grant: Grant
    version: OpenVersion
    plan: compute_pb2.Plan
    places: Mapping[bytes, Place]
    # A newer job with the same key ends an older one that has not begun; None: never. `number` tells which is newer:
    # what is done before a job runs takes longer for one than for another.
    view_key: tuple[int, str] | None = None
    number: int = 0
    # None: every row counts.
    row_filter: RowFilter | None = None
    # Whether pieces of a sample may come first.
    approximate: bool = False
    # The job as it was asked, when this is the same question of a copy of the version.
    original: RenderJob | None = None
    # Whether who asks reads CODEC_PACKED.
    packs: bool = False


def job_from_fetch(
    fetch: compute_pb2.RenderAsk, grant: Grant, version: OpenVersion, stream: int, number: int = 0
) -> RenderJob:
    """The job of a piece fetch. Raises the HalftoneError of what is wrong, with its field."""
    plan = fetch.plan
    _check_plan(plan, table_of(version))
    places = _places(fetch)
    ids = piece_ids(plan, version.version_id, places, grant.policy_hash)
    by_id = dict(zip(ids, places, strict=True))
    view_key = (stream, fetch.view_key) if fetch.view_key else None
    packs = frame_pb2.CODEC_PACKED in fetch.codecs
    return RenderJob(grant, version, plan, by_id, view_key, number, approximate=fetch.approximate, packs=packs)


def job_from_view(resolved: Resolved, grant: Grant, version: OpenVersion) -> RenderJob:
    """The job of a view that was planned here."""
    whole = _flattened(resolved.whole, resolved.plan)
    places: tuple[Place, ...] = (whole,) if resolved.addresses is None else resolved.addresses
    return RenderJob(grant, version, resolved.plan, dict(zip(resolved.piece_ids, places, strict=True)))


def ranked_axes(plan: compute_pb2.Plan) -> list[AxisName]:
    """The axes whose cells are in the order of a rank."""
    return [name for name in AXES if plan.HasField(_RANKS[name])]


def rank_of(plan: compute_pb2.Plan, name: AxisName) -> compute_pb2.Rank:
    """The rank of one of `ranked_axes`."""
    return plan.rank if name == "x" else plan.rank_y


def table_of(version: OpenVersion) -> Table:
    """The version as a plan sees it."""
    return Table(version.version_id, version.rows, version.columns)


def _check_plan(plan: compute_pb2.Plan, table: Table) -> None:
    glyph = glyphs().get(plan.glyph)
    if glyph is None:
        raise _invalid("plan.glyph")
    _check_axis(plan.x, table, "plan.x")
    if plan.HasField("rank"):
        _check_rank(plan.rank, plan.x, plan, "plan.rank")
    if not glyph.is_flat:
        _check_axis(plan.y, table, "plan.y")
    if plan.HasField("rank_y"):
        if glyph.is_flat:
            raise _invalid("plan.rank_y")
        _check_rank(plan.rank_y, plan.y, plan, "plan.rank_y")
    asked, field = accumulators_of(plan), "plan.accumulators" if plan.accumulators else "plan.aggregate"
    if not _is_sound(asked) or not glyph.accumulators.issuperset(asked) or (glyph.is_flat and plan.HasField("y")):
        raise _invalid(field)
    if len(asked) > 1:
        require_value(table, plan.value, asked, "plan.value")
    if plan.HasField("statistic"):
        _check_statistic(plan, table)
    if is_by_category(plan):
        if not glyph.by_category:
            raise _invalid(field)
        _check_categories(plan, table)


def _check_rank(rank: compute_pb2.Rank, given: compute_pb2.Axis, plan: compute_pb2.Plan, field: str) -> None:
    """Only steps have another order, by a number that is made of what is gathered."""
    gathered = {ROLES[accumulator] for accumulator in accumulators_of(plan)}
    if plan.HasField("statistic"):
        gathered.add(frame_pb2.PLANE_ROLE_STATISTIC)
    planes = 2 if rank.finisher == frame_pb2.FINISHER_DIFFERENCE else 1
    is_known = rank.finisher == frame_pb2.FINISHER_UNSPECIFIED or (
        rank.finisher in RANKING and len(rank.planes) == planes and gathered.issuperset(rank.planes)
    )
    if not (transforms()[given.transform].has_steps and is_known) or rank.top > MAX_STEPS:
        raise _invalid(field)


def _check_statistic(plan: compute_pb2.Plan, table: Table) -> None:
    """Only bins without categories have one, of values that float64 holds."""
    statistic = plan.statistic
    is_quantile = statistic.kind == frame_pb2.STATISTIC_KIND_QUANTILE
    is_known = 0 < statistic.share < 1 if is_quantile else statistic.kind == frame_pb2.STATISTIC_KIND_DISTINCT
    is_of_values = len(accumulators_of(plan)) > 1 and not is_by_category(plan)
    if not (is_known and is_of_values and glyph_of(plan.glyph).is_flat):
        raise _invalid("plan.statistic")
    if is_quantile and not table.columns[plan.value].is_exact:
        raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, field="plan.value")


def _is_sound(accumulators: tuple[Accumulator, ...]) -> bool:
    """Whether they ascend, each once: rows first, and those with a value before what is gathered of the value."""
    if list(accumulators) != sorted(set(accumulators)):
        return False
    return accumulators[:1] == _ROWS if len(accumulators) < 2 else accumulators[:2] == _ROWS_AND_VALID


def _check_axis(given: compute_pb2.Axis, table: Table, field: str) -> None:
    transform = transforms().get(given.transform)
    if transform is None:
        raise _invalid(f"{field}.transform")
    axis(table, given.column, f"{field}.column", transform, f"{field}.transform", PLACED)
    require_width(table.columns[given.column], transform, given.width, f"{field}.width")


def _check_categories(plan: compute_pb2.Plan, table: Table) -> None:
    require_category(table, plan.category, "plan.category")
    if plan.category_planes > MAX_CATEGORY_PLANES:
        raise HalftoneError(ErrorCode.TOO_MANY_CATEGORIES, field="plan.category_planes")
    if plan.category_planes < 1:
        raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, field="plan.category_planes")


def _places(fetch: compute_pb2.RenderAsk) -> list[Place]:
    if bool(fetch.tiles) == fetch.HasField("whole"):
        raise HalftoneError(ErrorCode.PARAM_INVALID, "Ask either for tiles or for one whole viewport.", "tiles")
    if fetch.HasField("whole"):
        return [_whole(fetch)]
    if len(fetch.tiles) > MAX_TILES:
        raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, f"At most {MAX_TILES} tiles at once.", "tiles")
    tiles = [Address.from_proto(tile) for tile in fetch.tiles]
    first = tiles[0]
    is_flat = glyph_of(fetch.plan.glyph).is_flat
    ranked = ranked_axes(fetch.plan)
    if ("x" in ranked and first.ex != 0) or ("y" in ranked and first.ey != 0):
        raise HalftoneError(ErrorCode.PARAM_INVALID, "Cells of ranked steps are one long.", "tiles")
    if any((tile.ex, tile.ey) != (first.ex, first.ey) or (is_flat and (tile.ey or tile.iy)) for tile in tiles):
        raise HalftoneError(ErrorCode.PARAM_INVALID, "All tiles of one ask are of one level.", "tiles")
    return list(tiles)


def _whole(fetch: compute_pb2.RenderAsk) -> Viewport:
    if not fetch.whole.HasField("extent") or not fetch.whole.exact_viewport:
        raise HalftoneError(ErrorCode.PARAM_INVALID, "A whole viewport names its extent and is exact.", "whole")
    checked = viewport_from_proto(fetch.whole, (*FLAT, *FLAT), fetch.plan.glyph)
    sides = {"x": (checked.x0, checked.x1, checked.width), "y": (checked.y0, checked.y1, checked.height)}
    ranked = [sides[name] for name in ranked_axes(fetch.plan)]
    if not all(low.is_integer() and high - low == cells for low, high, cells in ranked):
        raise HalftoneError(ErrorCode.PARAM_INVALID, "Cells of ranked steps are one long.", "whole")
    return _flattened(checked, fetch.plan)


def _flattened(viewport: Viewport, plan: compute_pb2.Plan) -> Viewport:
    return viewport.flat() if glyph_of(plan.glyph).is_flat else viewport


def _invalid(field: str) -> HalftoneError:
    return HalftoneError(ErrorCode.PARAM_INVALID, field=field)
