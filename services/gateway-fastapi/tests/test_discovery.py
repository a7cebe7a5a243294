"""Rendezvous hashing."""

from collections import Counter

from halftone.v1.frame_pb2 import TileAddress
from halftone_gateway.discovery import StaticTargets, block_key, choose
from hypothesis import given
from hypothesis import strategies as st

TARGETS = [f"10.0.0.{number}:50051" for number in range(5)]
KEYS = [f"v/{number}" for number in range(2000)]


@given(st.lists(st.text(min_size=1), min_size=1, unique=True), st.text())
def test_the_order_of_the_targets_is_no_matter(targets: list[str], key: str) -> None:
    assert choose(targets, key) == choose(sorted(targets), key)


def test_the_load_is_shared() -> None:
    counts = Counter(choose(TARGETS, key) for key in KEYS)
    assert min(counts.values()) > 0.8 * len(KEYS) / len(TARGETS)


def test_a_target_that_goes_moves_its_own_keys_only() -> None:
    for key in KEYS:
        before = choose(TARGETS, key)
        if before != TARGETS[2]:
            assert choose([target for target in TARGETS if target != TARGETS[2]], key) == before


def test_eight_by_eight_tiles_of_a_level_are_kept_together() -> None:
    tiles = [TileAddress(ex=1, ix=ix, ey=2, iy=iy) for ix in range(-8, 8) for iy in range(8)]
    assert len({block_key("v", tile) for tile in tiles}) == 2
    assert block_key("v", TileAddress(ex=1)) != block_key("v", TileAddress(ex=2)) != block_key("w", TileAddress(ex=2))
    assert block_key("v", None) == "v"


def test_a_static_list_stays() -> None:
    assert list(StaticTargets(TARGETS).current()) == TARGETS
