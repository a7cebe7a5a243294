"""Rendezvous hashing with a bound on the load."""

import math
from collections import Counter

from halftone.v1.frame_pb2 import TileAddress
from halftone_gateway.compute.discovery.affinity import BOUND, SLACK, block_key, choose, ranked
from hypothesis import given
from hypothesis import strategies as st

TARGETS = [f"10.0.0.{number}:50051" for number in range(5)]
KEYS = [f"v/{number}" for number in range(2000)]
targets = st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=12, unique=True)


def first(pool: list[str], key: str) -> str:
    """The choice while every service is idle."""
    choice = choose([pool], key, {})
    assert choice is not None
    assert not choice.spilled
    return choice.target


@given(targets, st.text())
def test_the_order_of_the_targets_is_no_matter(pool: list[str], key: str) -> None:
    assert ranked(pool, key) == ranked(sorted(pool), key)
    assert first(pool, key) == first(pool[::-1], key)


def test_the_keys_are_shared_out() -> None:
    counts = Counter(first(TARGETS, key) for key in KEYS)
    assert min(counts.values()) > 0.8 * len(KEYS) / len(TARGETS)


@given(st.lists(st.text(min_size=1, max_size=8), min_size=2, max_size=12, unique=True), st.data())
def test_a_target_that_goes_moves_its_own_keys_only(pool: list[str], data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(pool))
    left = [target for target in pool if target != gone]
    keys = KEYS[:200]
    moved = [key for key in keys if first(pool, key) != first(left, key)]
    assert moved == [key for key in keys if first(pool, key) == gone]


def test_the_share_that_moves_is_one_of_n() -> None:
    share = sum(first(TARGETS, key) != first(TARGETS[1:], key) for key in KEYS) / len(KEYS)
    assert share <= 1 / len(TARGETS) + 3 * math.sqrt(0.16 / len(KEYS))


def test_a_hot_key_spills_in_its_own_order() -> None:
    loads: Counter[str] = Counter()
    spilled = 0
    for _ in range(100):
        choice = choose([TARGETS], "hot", loads)
        assert choice is not None
        loads[choice.target] += 1
        spilled += choice.spilled
    order = ranked(TARGETS, "hot")
    assert loads[order[0]] == max(loads.values()) > loads[order[-1]]
    assert max(loads.values()) <= BOUND * 100 / len(TARGETS) + SLACK + 1
    assert 0 < spilled < 100


def test_few_requests_at_once_do_not_spill() -> None:
    order = ranked(TARGETS[:2], "k")
    for load in range(3):
        choice = choose([TARGETS[:2]], "k", {order[0]: load})
        assert choice is not None
        assert choice.target == order[0]
    choice = choose([TARGETS[:2]], "k", {order[0]: 3})
    assert choice is not None
    assert (choice.target, choice.spilled) == (order[1], True)


@given(targets, st.text(), st.data())
def test_a_service_above_the_bound_is_never_chosen(pool: list[str], key: str, data: st.DataObject) -> None:
    loads = {target: data.draw(st.integers(0, 50)) for target in pool}
    choice = choose([pool], key, loads)
    assert choice is not None
    assert loads[choice.target] <= BOUND * sum(loads.values()) / len(pool) + SLACK
    assert choice.spilled == (choice.target != ranked(pool, key)[0])


@given(targets, targets, st.text(), st.integers(0, 1000))
def test_a_better_pool_is_left_only_when_it_is_empty(cards: list[str], cpus: list[str], key: str, load: int) -> None:
    loads = dict.fromkeys(cards, load)
    choice = choose([[], cards, cpus], key, loads)
    assert choice is not None
    assert choice.target in cards
    fallen = choose([[], [], cpus], key, loads)
    assert fallen is not None
    assert fallen.target in cpus


def test_without_a_service_there_is_no_choice() -> None:
    assert choose([], "k", {}) is None
    assert choose([[], []], "k", {}) is None


def test_eight_by_eight_tiles_of_a_level_are_kept_together() -> None:
    tiles = [TileAddress(ex=1, ix=ix, ey=2, iy=iy) for ix in range(-8, 8) for iy in range(8)]
    assert len({block_key("v", tile) for tile in tiles}) == 2
    assert block_key("v", TileAddress(ex=1)) != block_key("v", TileAddress(ex=2)) != block_key("w", TileAddress(ex=2))
    assert block_key("v", None) == "v"
