"""The order of bars: what options make of a plan, its cells and its axis."""

import pytest
from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import HalftoneError
from halftone_views.columns import ColumnInfo, Table
from halftone_views.plan import resolve
from halftone_views.reduction import reductions
from halftone_views.registry import kind_schemas, validate_options

ROWS, SUM = frame_pb2.PLANE_ROLE_COUNT, frame_pb2.PLANE_ROLE_SUM
LABELS = (("pear", 9), (None, 8), ("Apple", 7), ("", 6), ("fig", 5))
TABLE = Table.of(
    "v",
    35,
    [
        ColumnInfo("c", "category", distinct=6, categories=LABELS),
        ColumnInfo("v", "number", "int16", 0, 9),
        ColumnInfo("t", "time", min=0, max=9),
    ],
)


def rank(**options: object) -> compute_pb2.Rank | None:
    plan = validate_options("bars", {"x": "c", **options}).plan(TABLE)
    return plan.rank if plan.HasField("rank") else None


def test_the_form_asks_for_a_whole_number() -> None:
    found = kind_schemas()["bars"]["properties"]["top"]
    expected = {
        "type": "integer",
        "minimum": 0,
        "maximum": 4096,
        "x-halftone-scale": True,
        "default": 0,
        "title": "First",
    }
    assert {name: found[name] for name in expected} == expected


def test_bars_stay_as_they_are_where_nothing_else_is_asked() -> None:
    assert rank() is None
    assert rank(top=6) is rank(top=4096) is None
    assert rank(x="v", order="greatest", top=3) is None


def test_the_number_of_the_bars_decides() -> None:
    assert rank(order="greatest") == compute_pb2.Rank(finisher=frame_pb2.FINISHER_IDENTITY, planes=[ROWS])
    mean = compute_pb2.Rank(finisher=frame_pb2.FINISHER_RATIO, planes=[SUM], least_first=True, top=2)
    assert rank(order="least", reduction="mean", value="v", top=2) == mean


@pytest.mark.parametrize("reduction", reductions())
def test_every_reduction_has_a_number_that_decides(reduction: str) -> None:
    options = {"order": "greatest", "reduction": reduction, "value": "v", "category": "c"}
    found = rank(**options)
    assert found is not None
    assert found.finisher not in (frame_pb2.FINISHER_CATEGORIES, frame_pb2.FINISHER_MODE)
    assert len(found.planes) in (1, 2)


def test_names_are_sorted_as_people_do_and_what_has_none_follows() -> None:
    assert rank(order="name") == compute_pb2.Rank(steps=[2, 4, 0])


def test_the_first_ones_have_a_bar_of_their_own_and_the_others_one_together() -> None:
    view = validate_options("bars", {"x": "c", "top": 2})
    assert view.data_extent(TABLE) == view.default_extent(TABLE) == (0.0, 3.0, 0.0, 1.0)
    resolved = resolve(view, TABLE, frame_pb2.Viewport(width=90, height=9, exact_viewport=True), "p")
    assert (resolved.whole.extent, resolved.whole.width) == ((0.0, 3.0, 0.0, 1.0), 3)
    assert resolved.x.ranked == 3
    assert [step.label for step in resolved.x.steps] == ["pear", "", "Apple", "", "fig", "", "Other (4)"]
    assert resolved.x.steps[6].HasField("label")
    assert resolved.plan.rank == compute_pb2.Rank(top=2)


def test_all_in_another_order_are_as_many_as_before() -> None:
    resolved = resolve(
        validate_options("bars", {"x": "t", "x_scale": "weekday", "order": "greatest"}),
        TABLE,
        frame_pb2.Viewport(width=90, height=9),
        "p",
    )
    assert (resolved.x.ranked, len(resolved.x.steps)) == (7, 7)


@pytest.mark.parametrize("options", [{"order": "rows"}, {"top": -1}, {"top": 4097}, {"top": 1.5}])
def test_what_is_no_order_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(HalftoneError):
        validate_options("bars", options)
