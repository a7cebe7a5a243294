"""A view: its options, and copies with others."""

from halftone_views.columns import Table
from halftone_views.registry import validate_options
from halftone_views.view import View, option_params, option_values, options_json


def test_views_of_one_kind_share_nothing() -> None:
    first, second = validate_options("points", {"x": "a"}), validate_options("points", {})
    assert options_json(first)["x"] == "a"
    assert options_json(second)["x"] is None
    changed = first.with_options(x="b")
    assert (options_json(changed)["x"], options_json(first)["x"]) == ("b", "a")


def test_options_have_names_and_values_in_the_order_of_their_file() -> None:
    view = validate_options("points", {"x": "a"})
    assert list(option_params(view))[:5] == ["x", "y", "reduction", "value", "category"]
    assert list(option_values(view)) == list(option_params(view))
    assert (option_values(view)["x"], option_values(view)["y"], option_values(view)["reduction"]) == (
        "a",
        None,
        "count",
    )


def test_a_kind_opens_with_all_of_the_data_unless_it_says_more(table: Table) -> None:
    view = validate_options("points", {"x": "delay", "y": "distance"})
    assert View.default_extent(view, table) == view.data_extent(table)
    assert View.is_map(view, table) is False
