"""Axes of categories: a cell for each code."""

from halftone_views.transforms.category import CATEGORY


def test_each_code_has_a_cell() -> None:
    assert [CATEGORY.forward(code) for code in (0, 1, 65_536)] == [0.5, 1.5, 65_536.5]
    assert CATEGORY.accepts == ("category",)
    assert not CATEGORY.steps
