"""The scale of an axis is an option of every kind that has one."""

import pytest
from halftone_views.kinds.scaled import scale_option
from halftone_views.registry import kind_schemas


@pytest.mark.parametrize(("kind", "axis"), [("points", "X"), ("points", "Y"), ("histogram", "X")])
def test_a_scale_is_linear_unless_another_is_chosen(kind: str, axis: str) -> None:
    option = kind_schemas()[kind]["properties"][f"{axis.lower()}_scale"]
    assert (option["title"], option["default"]) == (f"{axis} scale", "linear")
    assert f"values of {axis} lie" in option["description"]
    assert option["description"] == scale_option(axis).doc
