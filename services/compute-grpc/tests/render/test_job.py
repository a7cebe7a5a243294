"""Checks of what a client asks for."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from compute_rig.client import plan, tiles
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT
from compute_rig.tokens import VERSION
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.render import job
from halftone_compute.render.job import MAX_TILES, job_from_fetch, job_from_view, table_of
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.glyph import glyphs
from halftone_views.plan import resolve
from halftone_views.registry import validate_options

LINEAR = compute_pb2.TRANSFORM_LINEAR
COUNT, SUM = frame_pb2.PLANE_ROLE_COUNT, frame_pb2.PLANE_ROLE_SUM
# A number that a newer peer may send; open enums keep it.
UNKNOWN: "compute_pb2.Transform.ValueType" = compute_pb2.Axis.FromString(b"\x10\xe7\x07").transform


@pytest.fixture
def version() -> MemoryVersion:
    values = {
        "x": np.arange(3.0),
        "y": np.arange(3.0),
        "v": np.arange(3, dtype="i8"),
        "t": np.arange(3) * 10**6,
        "c": np.arange(3, dtype=np.int32),
        "big": np.array([0, 2**53, 1]),
        "text": np.zeros(3, np.int32),
    }
    return MemoryVersion(VERSION, values, {"c": "category", "t": "time", "text": "text"})


def ask(**changes: Any) -> compute_pb2.RenderAsk:  # noqa: ANN401 - passed on as they are
    return compute_pb2.RenderAsk(**{"plan": plan(), "tiles": tiles((0, 0)), "view_key": "v", **changes})


def whole(x0: float = 0, x1: float = 1, y0: float = 0, y1: float = 1, width: int = 4, height: int = 4) -> Any:  # noqa: ANN401 - a message or its absence
    extent = frame_pb2.Extent(x0=x0, x1=x1, y0=y0, y1=y1)
    return frame_pb2.Viewport(extent=extent, width=width, height=height, exact_viewport=True)


def axis(column: str, transform: compute_pb2.Transform.ValueType = LINEAR) -> compute_pb2.Axis:
    return compute_pb2.Axis(column=column, transform=transform)


def gathering(*names: str, **changes: Any) -> compute_pb2.Plan:  # noqa: ANN401 - passed on as they are
    """A plan of accumulators, as gateways send it today."""
    accumulators = [compute_pb2.Accumulator.Value(f"ACCUMULATOR_{name}") for name in names]
    axes = {"glyph": compute_pb2.GLYPH_POINTS, "x": axis("x"), "y": axis("y")}
    return compute_pb2.Plan(**{**axes, "accumulators": accumulators, **changes})


def bins(**changes: Any) -> compute_pb2.Plan:  # noqa: ANN401 - passed on as they are
    return compute_pb2.Plan(
        **{"glyph": compute_pb2.GLYPH_BINS, "x": axis("x"), "aggregate": compute_pb2.AGGREGATE_COUNT, **changes}
    )


def with_width(column: str, transform: compute_pb2.Transform.ValueType, width: float) -> compute_pb2.Plan:
    return bins(x=compute_pb2.Axis(column=column, transform=transform, width=width))


def with_statistic(kind: str, share: float = 0.0, **changes: Any) -> compute_pb2.Plan:  # noqa: ANN401 - passed on as they are
    flat = {"glyph": compute_pb2.GLYPH_BINS, "y": None, "value": "v", **changes}
    made = gathering("COUNT", "VALID", "MIN", **flat)
    made.statistic.kind, made.statistic.share = frame_pb2.StatisticKind.Value(f"STATISTIC_KIND_{kind}"), share
    return made


def in_order_of(role: frame_pb2.PlaneRole.ValueType) -> compute_pb2.Plan:
    rank = compute_pb2.Rank(finisher=frame_pb2.FINISHER_IDENTITY, planes=[role])
    return with_statistic("DISTINCT", x=axis("c", compute_pb2.TRANSFORM_CATEGORY), rank=rank)


def bars_with_rank_y() -> compute_pb2.Plan:
    made = bars()
    made.rank_y.top = 2
    return made


def bars(**rank: Any) -> compute_pb2.Plan:  # noqa: ANN401 - passed on as they are
    """Categories in another order than theirs."""
    return gathering(
        "COUNT",
        glyph=compute_pb2.GLYPH_BINS,
        x=axis("c", compute_pb2.TRANSFORM_CATEGORY),
        y=None,
        rank=compute_pb2.Rank(**{"top": 2, **rank}),
    )


@pytest.mark.parametrize(
    "good",
    [
        ask(plan=bars(), tiles=[frame_pb2.TileAddress()]),
        ask(plan=bars(finisher=frame_pb2.FINISHER_IDENTITY, planes=[COUNT]), tiles=[frame_pb2.TileAddress()]),
        ask(plan=bars(), tiles=[], whole=whole(0.0, 2.0, width=2)),
        ask(),
        ask(plan=plan(x=axis("t"))),
        ask(plan=plan(x=axis("v", compute_pb2.TRANSFORM_LOG10), y=axis("y", compute_pb2.TRANSFORM_MERCATOR))),
        ask(plan=plan(aggregate=compute_pb2.AGGREGATE_SUM, value="t")),
        ask(plan=plan(aggregate=compute_pb2.AGGREGATE_SQUARES, value="v")),
        ask(plan=plan(aggregate=compute_pb2.AGGREGATE_CATEGORIES, category="c", category_planes=16)),
        ask(plan=gathering("COUNT")),
        ask(plan=gathering("COUNT", category="c", category_planes=16)),
        ask(plan=gathering("COUNT", "VALID", value="v")),
        ask(plan=gathering("COUNT", "VALID", "ADD", "MIN", "MAX", "MOMENTS", "FIRST", "LAST", value="v")),
        ask(plan=gathering("COUNT", "VALID", "ADD", value="v", category="c", category_planes=3)),
        ask(
            plan=gathering("COUNT", "VALID", "MAX", value="big", glyph=compute_pb2.GLYPH_BINS, y=None),
            tiles=tiles((5, 0), ey=0),
        ),
        ask(plan=bins(), tiles=tiles((5, 0), ey=0)),
        ask(plan=with_statistic("DISTINCT", value="big"), tiles=tiles((5, 0), ey=0)),
        ask(plan=with_statistic("QUANTILE", 0.5), tiles=tiles((5, 0), ey=0)),
        ask(plan=in_order_of(frame_pb2.PLANE_ROLE_STATISTIC), tiles=[frame_pb2.TileAddress()]),
        ask(plan=gathering("COUNT", glyph=compute_pb2.GLYPH_BINS, y=None), tiles=tiles((5, 0), ey=0)),
        ask(tiles=[], whole=whole()),
        ask(tiles=[], plan=bins(), whole=whole(y0=0, y1=0)),
        ask(tiles=tiles(*((i, 0) for i in range(MAX_TILES)))),
    ],
)
def test_good_asks(good: compute_pb2.RenderAsk, version: MemoryVersion) -> None:
    found = job_from_fetch(good, GRANT, version, 3)
    assert len(found.places) == (len(good.tiles) or 1)
    assert found.view_key == (3, "v")


def test_a_tile_named_twice_is_made_once(version: MemoryVersion) -> None:
    assert len(job_from_fetch(ask(tiles=tiles((0, 0), (0, 0))), GRANT, version, 1).places) == 1


INVALID, RANGE = ErrorCode.PARAM_INVALID, ErrorCode.PARAM_OUT_OF_RANGE


@pytest.mark.parametrize(
    ("bad", "code", "field"),
    [
        (ask(plan=compute_pb2.Plan()), INVALID, "plan.glyph"),
        (ask(plan=plan(glyph=999)), INVALID, "plan.glyph"),
        (ask(plan=plan(aggregate=999)), INVALID, "plan.aggregate"),
        (ask(plan=plan(y=axis("nope"))), ErrorCode.UNKNOWN_COLUMN, "plan.y.column"),
        (ask(plan=bins(x=axis("x", compute_pb2.TRANSFORM_UNSPECIFIED))), INVALID, "plan.x.transform"),
        (ask(plan=bins(x=axis("x", UNKNOWN))), INVALID, "plan.x.transform"),
        (ask(plan=bins(x=axis("t", compute_pb2.TRANSFORM_LOG10))), ErrorCode.UNSUPPORTED_TYPE, "plan.x.transform"),
        (ask(plan=bins(aggregate=compute_pb2.AGGREGATE_SUM)), ErrorCode.UNKNOWN_COLUMN, "plan.value"),
        (ask(plan=plan(rank=compute_pb2.Rank(top=3))), INVALID, "plan.rank"),
        (ask(plan=bins(rank=compute_pb2.Rank(top=3)), tiles=tiles((0, 0), ey=0)), INVALID, "plan.rank"),
        (ask(plan=bars(top=4097)), INVALID, "plan.rank"),
        (ask(plan=with_statistic("QUANTILE", 1.0)), INVALID, "plan.statistic"),
        (ask(plan=with_statistic("UNSPECIFIED")), INVALID, "plan.statistic"),
        (ask(plan=with_statistic("DISTINCT", category="c", category_planes=3)), INVALID, "plan.statistic"),
        (ask(plan=with_statistic("DISTINCT", glyph=compute_pb2.GLYPH_POINTS, y=axis("y"))), INVALID, "plan.statistic"),
        (ask(plan=with_statistic("QUANTILE", 0.5, value="big")), ErrorCode.UNSUPPORTED_TYPE, "plan.value"),
        (ask(plan=with_width("c", compute_pb2.TRANSFORM_CATEGORY, 2.0)), INVALID, "plan.x.width"),
        (ask(plan=with_width("x", compute_pb2.TRANSFORM_LINEAR, math.inf)), RANGE, "plan.x.width"),
        (ask(plan=bars_with_rank_y()), INVALID, "plan.rank_y"),
        (ask(plan=plan(rank_y=compute_pb2.Rank(top=3))), INVALID, "plan.rank_y"),
        (ask(plan=bars(finisher=frame_pb2.FINISHER_MODE, planes=[COUNT])), INVALID, "plan.rank"),
        (ask(plan=bars(finisher=frame_pb2.FINISHER_RATIO)), INVALID, "plan.rank"),
        (ask(plan=bars(finisher=frame_pb2.FINISHER_RATIO, planes=[SUM])), INVALID, "plan.rank"),
        (ask(plan=bars(finisher=frame_pb2.FINISHER_DIFFERENCE, planes=[COUNT])), INVALID, "plan.rank"),
        (ask(plan=bars(), tiles=[frame_pb2.TileAddress(ex=1)]), INVALID, "tiles"),
        (ask(plan=bars(), tiles=[], whole=whole(0.5, 2.5, width=2)), INVALID, "whole"),
        (ask(plan=bars(), tiles=[], whole=whole(0.0, 3.0, width=2)), INVALID, "whole"),
        (ask(plan=plan(x=axis("nope"))), ErrorCode.UNKNOWN_COLUMN, "plan.x.column"),
        (ask(plan=plan(x=axis("__class__"))), ErrorCode.UNKNOWN_COLUMN, "plan.x.column"),
        (ask(plan=plan(x=axis("c"))), ErrorCode.UNSUPPORTED_TYPE, "plan.x.transform"),
        (ask(plan=plan(x=axis("text"))), ErrorCode.UNSUPPORTED_TYPE, "plan.x.column"),
        (ask(plan=plan(x=axis("big"))), ErrorCode.UNSUPPORTED_TYPE, "plan.x.column"),
        (ask(plan=plan(aggregate=compute_pb2.AGGREGATE_MIN)), ErrorCode.UNKNOWN_COLUMN, "plan.value"),
        (ask(plan=plan(aggregate=compute_pb2.AGGREGATE_MIN, value="c")), ErrorCode.UNSUPPORTED_TYPE, "plan.value"),
        (ask(plan=plan(aggregate=compute_pb2.AGGREGATE_SQUARES)), ErrorCode.UNKNOWN_COLUMN, "plan.value"),
        (ask(plan=plan(aggregate=compute_pb2.AGGREGATE_SQUARES, value="c")), ErrorCode.UNSUPPORTED_TYPE, "plan.value"),
        (
            ask(plan=plan(aggregate=compute_pb2.AGGREGATE_SQUARES, value="big")),
            ErrorCode.UNSUPPORTED_TYPE,
            "plan.value",
        ),
        (
            ask(plan=plan(aggregate=compute_pb2.AGGREGATE_CATEGORIES, category="x", category_planes=1)),
            ErrorCode.UNSUPPORTED_TYPE,
            "plan.category",
        ),
        (
            ask(plan=plan(aggregate=compute_pb2.AGGREGATE_CATEGORIES, category="c", category_planes=17)),
            ErrorCode.TOO_MANY_CATEGORIES,
            "plan.category_planes",
        ),
        (ask(plan=plan(aggregate=compute_pb2.AGGREGATE_CATEGORIES, category="c")), RANGE, "plan.category_planes"),
        (ask(plan=gathering("VALID", value="v")), INVALID, "plan.accumulators"),
        (ask(plan=gathering("COUNT", "MIN", value="v")), INVALID, "plan.accumulators"),
        (ask(plan=gathering("COUNT", "VALID", "MAX", "MIN", value="v")), INVALID, "plan.accumulators"),
        (ask(plan=gathering("COUNT", "VALID", "MIN", "MIN", value="v")), INVALID, "plan.accumulators"),
        (ask(plan=gathering("COUNT", accumulators=[1, 999])), INVALID, "plan.accumulators"),
        (ask(plan=gathering("COUNT", "VALID", "MIN")), ErrorCode.UNKNOWN_COLUMN, "plan.value"),
        (ask(plan=gathering("COUNT", "VALID", "MIN", value="c")), ErrorCode.UNSUPPORTED_TYPE, "plan.value"),
        (ask(plan=gathering("COUNT", category="x", category_planes=1)), ErrorCode.UNSUPPORTED_TYPE, "plan.category"),
        (ask(plan=gathering("COUNT", category="c")), RANGE, "plan.category_planes"),
        (
            ask(plan=gathering("COUNT", "VALID", "ADD", value="v", category="x", category_planes=1)),
            ErrorCode.UNSUPPORTED_TYPE,
            "plan.category",
        ),
        (ask(plan=bins(accumulators=[1], category="c")), RANGE, "plan.category_planes"),
        (ask(plan=bins(accumulators=[1, 2, 999], value="v")), INVALID, "plan.accumulators"),
        (ask(plan=bins(accumulators=[1], y=axis("y"))), INVALID, "plan.accumulators"),
        (ask(tiles=[]), INVALID, "tiles"),
        (ask(whole=whole()), INVALID, "tiles"),
        (ask(tiles=tiles(*((i, 0) for i in range(MAX_TILES + 1)))), RANGE, "tiles"),
        (ask(tiles=tiles((0, 0)) + tiles((1, 0), ex=-7)), INVALID, "tiles"),
        (ask(plan=bins(), tiles=tiles((0, 1), ey=0)), INVALID, "tiles"),
        (ask(tiles=tiles((0, 0), ex=5000)), RANGE, "tiles"),
        (ask(tiles=tiles((2**63 - 1, 0))), RANGE, "tiles"),
        (ask(tiles=[], whole=frame_pb2.Viewport(width=4, height=4, exact_viewport=True)), INVALID, "whole"),
        (ask(tiles=[], whole=whole(width=0)), RANGE, "viewport.width"),
        (ask(tiles=[], whole=whole(width=2**32 - 1)), RANGE, "viewport.width"),
        (ask(tiles=[], whole=whole(width=4096, height=4096)), RANGE, "viewport.width"),
        (ask(tiles=[], whole=whole(x0=float("nan"))), INVALID, "viewport.x0"),
        (ask(tiles=[], whole=whole(x1=float("inf"))), INVALID, "viewport.x1"),
        (ask(tiles=[], whole=whole(x0=1, x1=1)), INVALID, "viewport.x0"),
        (ask(tiles=[], whole=whole(y0=2)), INVALID, "viewport.y0"),
    ],
)
def test_bad_asks(bad: compute_pb2.RenderAsk, code: ErrorCode, field: str, version: MemoryVersion) -> None:
    with pytest.raises(HalftoneError) as caught:
        job_from_fetch(bad, GRANT, version, 1)
    assert caught.value.field == field
    assert caught.value.code is code


def test_a_glyph_without_planes_of_categories_refuses_them(
    monkeypatch: pytest.MonkeyPatch, version: MemoryVersion
) -> None:
    points = glyphs()[compute_pb2.GLYPH_POINTS]
    monkeypatch.setattr(job, "glyphs", lambda: {points.code: replace(points, by_category=False)})
    assert job_from_fetch(ask(plan=gathering("COUNT")), GRANT, version, 1).places
    by_category = ask(plan=gathering("COUNT", category="c", category_planes=2))
    with pytest.raises(HalftoneError) as caught:
        job_from_fetch(by_category, GRANT, version, 1)
    assert (caught.value.code, caught.value.field) == (INVALID, "plan.accumulators")


@pytest.mark.parametrize(("kind", "options"), [("points", {"x": "x", "y": "y"}), ("histogram", {"x": "x"})])
@pytest.mark.parametrize("exact", [False, True])
def test_a_view_planned_here_is_the_job_that_a_gateway_asks_for(
    kind: str, options: dict[str, object], version: MemoryVersion, *, exact: bool
) -> None:
    viewport = whole(x1=3, y1=3, width=600, height=500)
    viewport.exact_viewport = exact
    resolved = resolve(validate_options(kind, options), table_of(version), viewport, GRANT.policy_hash)
    asked = compute_pb2.RenderAsk(plan=resolved.plan)
    if exact:
        asked.whole.CopyFrom(resolved.viewport.to_proto())
    else:
        asked.tiles.extend(address.to_proto() for address in resolved.addresses or ())
    here, there = job_from_view(resolved, GRANT, version), job_from_fetch(asked, GRANT, version, 1)
    assert here.places == there.places
    assert tuple(here.places) == resolved.piece_ids
    assert here.plan == there.plan
