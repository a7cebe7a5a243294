"""Tiles in groups: each place once, no group larger than there is room for, and few groups."""

from collections.abc import Sequence
from itertools import product

import pytest
from halftone.v1 import compute_pb2
from halftone_compute.render.cut import region_of
from halftone_compute.render.job import Place
from halftone_compute.render.read.groups import Fits, Keyed, groups_of, shares_of
from halftone_views.lattice import TILE, Address, Viewport
from hypothesis import given
from hypothesis import strategies as st

SPOTS = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=40, unique=True)


def keyed(*spots: tuple[int, int]) -> list[Keyed]:
    return [(f"{ix} {iy}".encode(), Address(0, ix, 0, iy)) for ix, iy in spots]


def room_for(tiles: int, asked: list[int] | None = None) -> Fits:
    """As much memory as the planes of so many tiles take, those between them included."""

    def fits(places: Sequence[Place]) -> bool:
        region = region_of(places, compute_pb2.GLYPH_POINTS)
        if asked is not None:
            asked.append(len(places))
        return region.width * region.height <= tiles * TILE * TILE

    return fits


@given(SPOTS, st.integers(1, 80))
def test_every_place_is_in_one_group_that_fits(spots: list[tuple[int, int]], tiles: int) -> None:
    given, fits = keyed(*spots), room_for(tiles)
    groups = groups_of(given, fits)
    assert sorted(piece for group in groups for piece in group) == sorted(given)
    assert all(fits([place for _, place in group]) for group in groups)


@given(SPOTS)
def test_what_does_not_fit_by_itself_is_alone(spots: list[tuple[int, int]]) -> None:
    assert all(len(group) == 1 for group in groups_of(keyed(*spots), lambda _: False))


@given(SPOTS)
def test_what_fits_whole_is_one_group_in_the_order_given(spots: list[tuple[int, int]]) -> None:
    assert groups_of(keyed(*spots), room_for(19 * 19)) == [keyed(*spots)]


@pytest.mark.parametrize(
    ("tiles", "groups"), [(160, 1), (159, 2), (80, 2), (60, 3), (30, 6), (10, 16), (4, 48), (1, 160)]
)
def test_a_large_screen_takes_few_groups(tiles: int, groups: int) -> None:
    screen = keyed(*product(range(16), range(10)))
    assert len(groups_of(screen, room_for(tiles))) == groups


def test_a_thousand_tiles_far_apart_are_soon_in_groups() -> None:
    asked: list[int] = []
    far = keyed(*((index * 1000, index * 1000) for index in range(1024)))
    assert len(groups_of(far, room_for(4, asked))) == 1024
    assert len(asked) < 2048


def test_a_free_viewport_and_two_names_of_one_tile_are_one_group() -> None:
    whole: list[Keyed] = [(b"1", Viewport(0, 1, 0, 1, 9, 9))]
    assert groups_of(whole, lambda _: False) == [whole]
    same: list[Keyed] = [(b"1", Address(0, 0, 0, 0)), (b"2", Address(0, 0, 0, 0))]
    assert groups_of(same, lambda _: False) == [same]


@given(st.lists(st.integers(0, 10**9), min_size=1))
def test_parts_of_the_progress_follow_each_other(rows: list[int]) -> None:
    shares = shares_of(rows)
    assert [start for start, _ in shares] == [0.0, *(end for _, end in shares[:-1])]
    assert all(start <= end for start, end in shares)
    assert shares[-1][1] == (1.0 if sum(rows) else 0.0)


def test_a_group_is_as_much_of_the_progress_as_it_reads() -> None:
    assert shares_of([10, 30, 0, 60]) == [(0.0, 0.1), (0.1, 0.4), (0.4, 0.4), (0.4, 1.0)]
