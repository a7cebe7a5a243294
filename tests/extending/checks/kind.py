"""The kind of the recipe: its form, its plan and its quantity, whatever its options are called."""

import pytest
from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import HalftoneError
from halftone_views import ColumnInfo, Table, kind_names, kind_schemas, validate_options

HILLS = Table.of("v", 10, [ColumnInfo(name, "number", min=0.0, max=9.0) for name in ("east", "north", "metres")])


def test_the_form_has_its_options() -> None:
    assert "terrain" in kind_names()
    assert list(kind_schemas()["terrain"]["properties"]) == ["across", "up", "height"]


def test_a_frame_says_what_it_shows() -> None:
    view = validate_options("terrain", {"up": "north", "height": "metres"})
    plan = view.plan(HILLS)
    assert (plan.x.column, plan.y.column, plan.value) == ("east", "north", "metres")
    assert compute_pb2.ACCUMULATOR_MAX in plan.accumulators
    quantity = view.quantity(HILLS)
    assert (quantity.label, list(quantity.planes)) == ("Maximum of metres", [frame_pb2.PLANE_ROLE_MAX])


def test_a_column_that_does_not_exist_is_refused_at_its_option() -> None:
    with pytest.raises(HalftoneError) as caught:
        validate_options("terrain", {"height": "depth"}).plan(HILLS)
    assert caught.value.field == "height"
