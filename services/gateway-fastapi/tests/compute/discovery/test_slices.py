"""From slices to targets."""

from typing import Any

import pytest
from gateway_rig.kubernetes import endpoint, slice_of
from halftone_gateway.compute.discovery.slices import GoneError, Slices, ready_targets
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("conditions", "counts"),
    [
        ({"ready": True, "serving": True, "terminating": False}, True),
        ({"ready": True}, True),
        ({}, True),
        ({"ready": None}, True),
        ({"ready": False}, False),
        ({"ready": False, "serving": True, "terminating": True}, False),
        # What `publishNotReadyAddresses` makes of a pod that ends.
        ({"ready": True, "serving": True, "terminating": True}, False),
    ],
)
def test_ready_or_unsaid_and_not_terminating(conditions: dict[str, bool | None], counts: bool) -> None:
    one = slice_of("a", {"addresses": ["10.0.0.1"], "conditions": conditions})
    assert ready_targets([one], 50051) == (("10.0.0.1:50051",) if counts else ())


def test_without_conditions_an_endpoint_is_ready() -> None:
    assert ready_targets([slice_of("a", {"addresses": ["10.0.0.1"]})], 1) == ("10.0.0.1:1",)


def test_all_slices_of_a_service_are_joined() -> None:
    slices = [slice_of("a", endpoint("10.0.0.2"), endpoint("10.0.0.1")), slice_of("b", endpoint("10.0.0.3"))]
    assert ready_targets(slices, 5) == ("10.0.0.1:5", "10.0.0.2:5", "10.0.0.3:5")


def test_a_pod_of_both_families_counts_once() -> None:
    both = [
        slice_of("six", endpoint("fd00::1", uid="p1"), endpoint("fd00::2", uid="p2"), family="IPv6"),
        slice_of("four", endpoint("10.0.0.1", uid="p1")),
    ]
    assert ready_targets(both, 5) == ("10.0.0.1:5", "[fd00::2]:5")


@pytest.mark.parametrize("endpoints", [None, [], [{"addresses": []}], [{}]])
def test_a_slice_may_be_empty(endpoints: list[Any] | None) -> None:
    assert ready_targets([{**slice_of("a"), "endpoints": endpoints}], 1) == ()


def test_names_are_no_addresses() -> None:
    assert ready_targets([slice_of("a", endpoint("compute.example"), family="FQDN")], 1) == ()


def event(kind: str, item: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "object": item}


def test_events_change_what_was_listed() -> None:
    slices = Slices()
    slices.replace({"metadata": {"resourceVersion": "5"}, "items": [slice_of("a", endpoint("10.0.0.1"))]})
    assert slices.version == "5"
    slices.apply(event("ADDED", slice_of("b", endpoint("10.0.0.2"), version="6")))
    slices.apply(event("MODIFIED", slice_of("a", endpoint("10.0.0.1", ready=False), version="7")))
    assert slices.targets(1) == ("10.0.0.2:1",)
    slices.apply(event("BOOKMARK", {"metadata": {"resourceVersion": "9"}}))
    assert slices.version == "9"
    slices.apply(event("DELETED", slice_of("b", version="10")))
    slices.apply(event("DELETED", slice_of("never there", version="11")))
    slices.apply(event("OF THE FUTURE", slice_of("c", endpoint("10.0.0.3"), version="12")))
    assert slices.targets(1) == ()
    slices.replace({"metadata": {"resourceVersion": "20"}, "items": None})
    assert (slices.targets(1), slices.version) == ((), "20")


def test_a_version_that_is_too_old_has_an_error_of_its_own() -> None:
    with pytest.raises(GoneError):
        Slices().apply(event("ERROR", {"kind": "Status", "code": 410, "reason": "Expired"}))
    with pytest.raises(ValueError, match="InternalError"):
        Slices().apply(event("ERROR", {"kind": "Status", "code": 500, "reason": "InternalError"}))
    with pytest.raises(KeyError):
        Slices().apply({"type": "ADDED"})


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sets(st.integers(1, 6)), st.booleans())))
def test_watching_ends_where_listing_would(steps: list[tuple[str, set[int], bool]]) -> None:
    watched = Slices()
    truth: dict[str, dict[str, Any]] = {}
    for version, (name, hosts, deleted) in enumerate(steps):
        item = slice_of(name, *(endpoint(f"10.0.0.{host}") for host in hosts), version=str(version))
        kind = "DELETED" if deleted else "MODIFIED" if name in truth else "ADDED"
        watched.apply(event(kind, item))
        truth.pop(name, None)
        truth |= {} if deleted else {name: item}
        listed = Slices()
        listed.replace({"metadata": {"resourceVersion": str(version)}, "items": list(truth.values())})
        assert watched.targets(1) == listed.targets(1)
