"""The choice of a service, from what is known at one moment."""

from collections.abc import Collection, Mapping

from halftone_gateway.compute.router import Router
from hypothesis import given
from hypothesis import strategies as st

POOLS = (("a", "b"), ("c",))


def preferred(live: Collection[str], excluding: Collection[str] = (), loads: Mapping[str, int] | None = None) -> str:
    choice = Router(POOLS, live, loads or {}).prefer("key", excluding)
    return choice.target if choice else ""


def test_a_service_of_the_best_live_pool_is_preferred() -> None:
    assert preferred("abc") in "ab"
    assert preferred("bc") == "b"
    assert preferred("c") == "c"
    assert preferred("") == ""


def test_excluded_services_are_passed_over() -> None:
    first = preferred("abc")
    assert preferred("abc", first) in set("ab") - {first}
    assert preferred("abc", "ab") == "c"
    assert preferred("ab", "ab") == ""


@given(st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("abc")))
def test_what_is_excluded_might_as_well_not_be_live(live: set[str], excluding: set[str]) -> None:
    loads = {"a": 3, "b": 1}
    assert preferred(live, excluding, loads) == preferred(live - excluding, (), loads)


def test_a_spare_service_is_in_no_better_pool() -> None:
    router = Router((("a",), ("a", "c")), "", {})
    assert [router.is_spare(target) for target in "acx"] == [False, True, False]
    assert not Router((), "", {}).is_spare("a")
