"""Plans become pieces: the same question has the same ids everywhere, another one never."""

import itertools
import subprocess
import sys

import pytest
from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import HalftoneError
from halftone_views import plan as plan_module
from halftone_views.columns import ColumnInfo, Table
from halftone_views.lattice import Address, Viewport, extent_of, level_for
from halftone_views.plan import PlannedView, accumulators_of, columns_of, piece_id, piece_ids, planes_of, resolve
from halftone_views.registry import validate_options

PLAN = compute_pb2.Plan(
    glyph=compute_pb2.GLYPH_POINTS,
    x=compute_pb2.Axis(column="a", transform=compute_pb2.TRANSFORM_LINEAR),
    y=compute_pb2.Axis(column="b", transform=compute_pb2.TRANSFORM_LINEAR),
    aggregate=compute_pb2.AGGREGATE_COUNT,
)
ADDRESS = Address(3, -1, -4, 2)
# Written down: when it changes, every cached piece of every deployment is lost, and the revision must grow.
KNOWN = "a449bc737b4c295ef099a9161650111c"


def changed(**changes: object) -> compute_pb2.Plan:
    other = compute_pb2.Plan()
    other.CopyFrom(PLAN)
    other.MergeFrom(compute_pb2.Plan(**changes))  # type: ignore[arg-type] # one field of any type
    return other


def test_whatever_decides_the_numbers_is_in_the_id() -> None:
    axis = compute_pb2.Axis(column="c", transform=compute_pb2.TRANSFORM_LINEAR)
    whole = Viewport(0, 1, 0, 1, 10, 10, True)
    ids = [
        piece_id(PLAN, "v", ADDRESS, "p"),
        piece_id(PLAN, "w", ADDRESS, "p"),
        piece_id(PLAN, "v", ADDRESS, "q"),
        piece_id(PLAN, "vp", ADDRESS, ""),
        piece_id(PLAN, "", ADDRESS, "vp"),
        piece_id(PLAN, "v", Address(4, -1, -4, 2), "p"),
        piece_id(PLAN, "v", Address(3, 2, -4, -1), "p"),
        piece_id(PLAN, "v", whole, "p"),
        piece_id(PLAN, "v", Viewport(0, 1, 0, 1, 11, 10, True), "p"),
        piece_id(PLAN, "v", Viewport(0, 2, 0, 1, 10, 10, True), "p"),
        piece_id(changed(x=axis), "v", ADDRESS, "p"),
        piece_id(changed(y=axis), "v", ADDRESS, "p"),
        piece_id(changed(aggregate=compute_pb2.AGGREGATE_SUM), "v", ADDRESS, "p"),
        piece_id(changed(value="d"), "v", ADDRESS, "p"),
        piece_id(changed(category="d"), "v", ADDRESS, "p"),
        piece_id(changed(category_planes=4), "v", ADDRESS, "p"),
        piece_id(changed(category_other=True), "v", ADDRESS, "p"),
        piece_id(changed(glyph=compute_pb2.GLYPH_BINS), "v", ADDRESS, "p"),
    ]
    assert all(len(made) == 16 for made in ids)
    assert all(a != b for a, b in itertools.combinations(ids, 2))


@pytest.mark.parametrize("glyph", [compute_pb2.GLYPH_POINTS, compute_pb2.GLYPH_BINS])
def test_several_ids_are_those_of_each_place(glyph: compute_pb2.Glyph.ValueType) -> None:
    plan = changed(glyph=glyph)
    places: list[Address | Viewport] = [ADDRESS, Viewport(0, 1, 2, 3, 10, 10, True), Address(3, 0, -4, 2), ADDRESS]
    assert piece_ids(plan, "v", places, "p") == tuple(piece_id(plan, "v", place, "p") for place in places)
    assert piece_ids(plan, "v", [], "p") == ()


def test_the_revision_of_the_engine_is_in_the_id(monkeypatch: pytest.MonkeyPatch) -> None:
    before = piece_id(PLAN, "v", ADDRESS, "p")
    monkeypatch.setattr(plan_module, "ENGINE_REVISION", plan_module.ENGINE_REVISION + 1)
    assert piece_id(PLAN, "v", ADDRESS, "p") != before


def test_the_id_is_the_same_in_every_process_and_release() -> None:
    code = (
        "from halftone.v1 import compute_pb2 as c; from halftone_views import Address, piece_id\n"
        f"plan = c.Plan.FromString({PLAN.SerializeToString()!r})\n"
        "print(piece_id(plan, 'v', Address(3, -1, -4, 2), 'p').hex())"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == piece_id(PLAN, "v", ADDRESS, "p").hex()
    assert done.stdout.strip() == KNOWN


def test_reductions_that_read_the_same_planes_share_pieces(table: Table) -> None:
    viewport = frame_pb2.Viewport(width=100, height=100)

    def ids(**options: object) -> tuple[bytes, ...]:
        return resolve(validate_options("points", options), table, viewport, "p").piece_ids

    assert ids(reduction="sum", value="delay") == ids(reduction="mean", value="delay")
    assert ids() == ids(reduction="any") == ids(value="delay") == ids(x="date", y="delay")
    assert ids(reduction="std", value="delay") == ids(reduction="var", value="delay")
    assert ids(reduction="std", value="delay") != ids(reduction="sum", value="delay")
    assert ids(reduction="min", value="delay") != ids(reduction="max", value="delay")


def test_tiles_of_a_viewport(table: Table) -> None:
    viewport = frame_pb2.Viewport(extent=frame_pb2.Extent(x0=-10, x1=1000, y0=0, y1=100), width=505, height=400)
    view = validate_options("points", {"x": "delay", "y": "distance"})
    resolved = resolve(view, table, viewport, "p")
    assert resolved.addresses is not None
    assert {(a.ex, a.ey) for a in resolved.addresses} == {level_for(resolved.viewport)} == {(1, -2)}
    assert len(resolved.addresses) == len(set(resolved.piece_ids)) == 3 * 2
    assert resolved.plan == view.plan(table)
    assert [piece_id(resolved.plan, table.version_id, a, "p") for a in resolved.addresses] == list(resolved.piece_ids)
    assert extent_of(resolved.addresses[0])[::2] == (-512.0, 0.0)


def test_a_pan_asks_for_the_new_strip_only(table: Table) -> None:
    view = validate_options("points", {"x": "delay", "y": "distance"})
    here, there = (
        resolve(
            view,
            table,
            frame_pb2.Viewport(extent=frame_pb2.Extent(x0=x, x1=x + 1024, y1=1024), width=1024, height=1024),
            "p",
        )
        for x in (0, 256)
    )
    assert len(set(there.piece_ids) - set(here.piece_ids)) == 4
    assert len(here.piece_ids) == 16


def test_an_exact_viewport_is_one_piece(table: Table) -> None:
    view = validate_options("points", {"x": "delay", "y": "distance"})
    resolved = resolve(view, table, frame_pb2.Viewport(width=100, height=100, exact_viewport=True), "p")
    assert resolved.addresses is None
    assert resolved.piece_ids == (piece_id(resolved.plan, table.version_id, resolved.viewport, "p"),)
    assert resolved.viewport.exact


def test_an_absent_extent_is_the_data_with_some_room(table: Table) -> None:
    view = validate_options("points", {"x": "delay", "y": "distance"})
    viewport = resolve(view, table, frame_pb2.Viewport(width=100, height=100), "p").viewport
    assert viewport.extent == pytest.approx((-60 - 29.98, 1439 + 29.98, 31 - 98.62, 4962 + 98.62))


def test_a_bad_viewport_is_refused(table: Table) -> None:
    extent = frame_pb2.Extent(x0=2, x1=1, y1=1)
    with pytest.raises(HalftoneError, match=r"param_invalid.*viewport\.x0"):
        resolve(validate_options("points", {}), table, frame_pb2.Viewport(extent=extent, width=9, height=9), "p")


@pytest.mark.parametrize(
    ("aggregate", "roles"),
    [
        (compute_pb2.AGGREGATE_COUNT, ["COUNT"]),
        (compute_pb2.AGGREGATE_SUM, ["COUNT", "VALID", "SUM"]),
        (compute_pb2.AGGREGATE_MIN, ["COUNT", "VALID", "MIN"]),
        (compute_pb2.AGGREGATE_MAX, ["COUNT", "VALID", "MAX"]),
        (compute_pb2.AGGREGATE_SQUARES, ["COUNT", "VALID", "SQUARES"]),
    ],
)
def test_planes(aggregate: "compute_pb2.Aggregate.ValueType", roles: list[str]) -> None:
    planes = planes_of(changed(aggregate=aggregate))
    assert [frame_pb2.PlaneRole.Name(role).removeprefix("PLANE_ROLE_") for role, _ in planes] == roles
    assert {category for _, category in planes} == {0}


def test_category_planes_are_numbered() -> None:
    planes = planes_of(changed(aggregate=compute_pb2.AGGREGATE_CATEGORIES, category_planes=3))
    assert planes == [(frame_pb2.PLANE_ROLE_CATEGORY, category) for category in range(3)]


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (["COUNT"], ["COUNT"]),
        (["COUNT", "VALID", "ADD"], ["COUNT", "VALID", "SUM"]),
        (["COUNT", "VALID", "MIN", "MAX", "MOMENTS"], ["COUNT", "VALID", "MIN", "MAX", "SQUARES"]),
    ],
)
def test_every_accumulator_has_its_plane(names: list[str], roles: list[str]) -> None:
    accumulators = [compute_pb2.Accumulator.Value(f"ACCUMULATOR_{name}") for name in names]
    planes = planes_of(compute_pb2.Plan(accumulators=accumulators))
    assert [frame_pb2.PlaneRole.Name(role).removeprefix("PLANE_ROLE_") for role, _ in planes] == roles


def test_accumulators_by_category_give_a_plane_for_each_category() -> None:
    plan = compute_pb2.Plan(accumulators=[compute_pb2.ACCUMULATOR_COUNT], category="c", category_planes=3)
    assert planes_of(plan) == [(frame_pb2.PLANE_ROLE_CATEGORY, category) for category in range(3)]


def test_values_by_category_have_one_plane_more_of_all_rows_together() -> None:
    accumulators = [compute_pb2.ACCUMULATOR_COUNT, compute_pb2.ACCUMULATOR_VALID, compute_pb2.ACCUMULATOR_LAST]
    plan = compute_pb2.Plan(accumulators=accumulators, value="v", category="c", category_planes=2)
    rows, valid, last = frame_pb2.PLANE_ROLE_CATEGORY, frame_pb2.PLANE_ROLE_VALID, frame_pb2.PLANE_ROLE_LAST
    assert planes_of(plan) == [
        (rows, 0),
        (rows, 1),
        *((role, category) for role in (valid, last) for category in range(3)),
    ]


def test_accumulators_say_more_than_an_aggregate() -> None:
    plan = compute_pb2.Plan(aggregate=compute_pb2.AGGREGATE_SUM, accumulators=[compute_pb2.ACCUMULATOR_COUNT])
    assert accumulators_of(plan) == (compute_pb2.ACCUMULATOR_COUNT,)
    assert accumulators_of(compute_pb2.Plan()) == ()


def test_a_plan_names_the_columns_that_it_reads() -> None:
    mean = compute_pb2.Plan(x=PLAN.x, y=PLAN.y, value="b")
    assert columns_of(mean) == ["a", "b", "b"]
    assert columns_of(compute_pb2.Plan(x=PLAN.x, category="c")) == ["a", "c"]


def test_one_plan_serves_every_viewport() -> None:
    table = Table.of("v", 3, [ColumnInfo("a", "number", "double", min=0.0, max=9.0)])
    view = validate_options("points", {"x": "a", "y": "a"})
    planned = PlannedView.of(view, table)
    for viewport in (
        frame_pb2.Viewport(width=64, height=64),
        frame_pb2.Viewport(extent=frame_pb2.Extent(x0=1, x1=2, y0=1, y1=2), width=64, height=64, exact_viewport=True),
    ):
        assert planned.at(viewport, "p") == resolve(view, table, viewport, "p")
