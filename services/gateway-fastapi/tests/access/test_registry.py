"""Counting sockets."""

from typing import cast

import pytest
from halftone_gateway.access.registry import Registry
from halftone_gateway.session.connection import Connection
from halftone_servicekit.errors import HalftoneError


def a_connection() -> Connection:
    """Something to count; the registry never looks inside."""
    return cast("Connection", object())


def test_the_silent_are_bounded_in_all_and_by_address() -> None:
    registry = Registry[Connection](100, 8, 3, 2)
    here, there = [a_connection() for _ in range(2)], a_connection()
    for connection in here:
        assert registry.has_room("here")
        registry.enter(connection, "here")
    assert not registry.has_room("here")
    registry.enter(there, "there")
    assert not registry.has_room("elsewhere")
    registry.leave(here[0])
    assert registry.has_room("here")
    # The gauge belongs to the process, and so to the tests that come after.
    for connection in (here[1], there):
        registry.leave(connection)


def test_signing_in_frees_a_silent_place_and_takes_one_of_the_person() -> None:
    registry = Registry[Connection](100, 1, 1, 1)
    first, second = a_connection(), a_connection()
    registry.enter(first, "here")
    registry.sign_in(first, "ann")
    assert registry.has_room("here")
    registry.enter(second, "here")
    with pytest.raises(HalftoneError, match="socket_limit"):
        registry.sign_in(second, "ann")
    assert list(registry.signed_in()) == [first]
    registry.sign_in(second, "bob")
    assert set(registry) == {first, second}
    registry.leave(first)
    registry.leave(second)
    assert not set(registry)


def test_sockets_are_bounded_in_all() -> None:
    registry = Registry[Connection](2, 8, 8, 8)
    one, two = a_connection(), a_connection()
    registry.enter(one, "here")
    registry.sign_in(one, "ann")
    registry.enter(two, "here")
    assert not registry.has_room("here")
    registry.leave(one)
    assert registry.has_room("here")
    registry.leave(two)
