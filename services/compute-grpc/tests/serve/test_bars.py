"""Histograms to PNG."""

import io

import numpy as np
import pytest
from halftone_compute.serve.bars import HEIGHT, bars
from PIL import Image


def pixels(grid: np.ndarray, *, holds_places: bool = False) -> np.ndarray:
    file = bars(grid, "viridis", "linear", holds_places=holds_places)
    found = np.asarray(Image.open(io.BytesIO(file)))
    assert found.shape == (HEIGHT, grid.shape[1], 4)
    return found


def filled(found: np.ndarray) -> list[list[int]]:
    """[first, last] filled pixel of each bin from below, empty for a gap."""
    columns = found[::-1, :, 3].astype(bool).T
    return [np.flatnonzero(column)[[0, -1]].tolist() if column.any() else [] for column in columns]


@pytest.mark.parametrize("counts", [[0, 1, 1000], [0, 0, 0]])
def test_bars_stand_on_the_ground_and_small_ones_are_seen(counts: list[int]) -> None:
    expected = [[], [0, 0], [0, HEIGHT - 1]] if any(counts) else [[], [], []]
    assert filled(pixels(np.array([counts], np.uint32))) == expected


def test_numbers_below_zero_hang_from_it_and_a_bin_without_one_is_a_gap() -> None:
    middle = HEIGHT // 2
    found = filled(pixels(np.array([[2.0, -2.0, np.nan, 0.0, 1.0]])))
    assert found == [[middle, HEIGHT - 1], [0, middle - 1], [], [middle, middle], [middle, middle + middle // 2 - 1]]
    assert filled(pixels(np.array([[-4.0, 0.0, np.nan]]))) == [[0, HEIGHT - 1], [HEIGHT - 1, HEIGHT - 1], []]
    assert filled(pixels(np.array([[np.nan, np.nan]]))) == [[], []]


def test_rows_by_category_stand_on_each_other() -> None:
    found = pixels(np.array([[[1, 3], [0, 2], [0, 0]]], np.uint32))
    assert filled(found) == [[0, HEIGHT - 1], [0, HEIGHT // 2 - 1], []]
    quarter = HEIGHT // 4
    lower, upper = found[-1, 0].tolist(), found[0, 0].tolist()
    assert lower != upper
    assert found[-quarter, 0].tolist() == lower
    assert found[-quarter - 1, 0].tolist() == found[-1, 1].tolist() == upper


def test_other_numbers_by_category_are_marks_in_their_colours() -> None:
    found = pixels(np.array([[[0.0, 1.0], [np.nan, np.nan]]]))
    assert filled(found) == [[0, HEIGHT - 1], []]
    assert found[:, 0, 3].astype(bool).sum() == 6
    assert found[0, 0].tolist() != found[-1, 0].tolist()


def test_bars_of_places_have_the_colours_of_their_categories() -> None:
    found = pixels(np.array([[0.0, np.nan, 1.0]]), holds_places=True)
    assert filled(found) == [[0, HEIGHT - 1], [], [0, HEIGHT - 1]]
    assert found[0, 0].tolist() != found[0, 2].tolist()
