"""The circuit breaker."""

from halftone_servicekit.breaker import Breaker


def test_failures_in_a_row_open_it_for_a_while() -> None:
    breaker = Breaker(failures=3, open_s=5)
    for now in (0, 1):
        breaker.failed(now)
        assert breaker.allows(now)
    breaker.failed(2)
    assert not breaker.allows(2)
    assert not breaker.allows(6.9)
    assert breaker.allows(7)


def test_one_more_failure_after_the_pause_opens_it_again() -> None:
    breaker = Breaker(failures=2, open_s=5)
    breaker.failed(0)
    breaker.failed(0)
    assert breaker.allows(5)
    breaker.failed(5)
    assert not breaker.allows(9)


def test_a_success_forgives() -> None:
    breaker = Breaker(failures=2, open_s=5)
    breaker.failed(0)
    breaker.succeeded()
    breaker.failed(1)
    assert breaker.allows(1)
