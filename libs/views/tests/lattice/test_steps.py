"""Steps of an axis: how many, and what they are called."""

import pytest
from halftone_servicekit.errors import HalftoneError
from halftone_views.columns import ColumnInfo
from halftone_views.lattice.steps import MAX_STEPS, cells_of, require_steps, step_count, step_labels
from halftone_views.transforms.category import CATEGORY
from halftone_views.transforms.weekday import WEEKDAY

AIRPORTS = ColumnInfo("origin", "category", distinct=4, categories=(("ATL", 9), (None, 3), ("DFW", 2)))


def test_categories_have_a_step_each_missing_and_unlisted_ones_too() -> None:
    assert step_count(AIRPORTS, CATEGORY) == 4
    assert step_labels(AIRPORTS, CATEGORY) == ["ATL", None, "DFW", ""]


def test_parts_of_time_are_the_same_for_every_column() -> None:
    time = ColumnInfo("at", "time", min=0, max=1)
    assert step_count(time, WEEKDAY) == 7
    assert step_labels(time, WEEKDAY)[0] == "Mon"


def test_an_axis_without_a_category_has_one_step() -> None:
    assert step_labels(ColumnInfo("none", "category"), CATEGORY) == [""]


def test_there_are_as_many_as_a_picture_has_pixels() -> None:
    require_steps(ColumnInfo("c", "category", distinct=MAX_STEPS), CATEGORY, "x")
    with pytest.raises(HalftoneError, match="c has 4,097 categories; an axis may have 4,096") as caught:
        require_steps(ColumnInfo("c", "category", distinct=MAX_STEPS + 1), CATEGORY, "x")
    assert (caught.value.code, caught.value.field) == ("too_many_categories", "x")


@pytest.mark.parametrize(("top", "cells"), [(0, 5), (1, 2), (4, 5), (5, 5), (9, 5)])
def test_steps_behind_the_first_ones_share_a_cell(top: int, cells: int) -> None:
    assert cells_of(5, top) == cells
