import threading

import pytest
from monitoring.probe import ProbeWithTimeout


def test_an_answer_in_time_is_the_result() -> None:
    assert ProbeWithTimeout(lambda: True, 60).probe()
    assert not ProbeWithTimeout(lambda: False, 60).probe()


def test_errors_of_the_check_are_raised() -> None:
    def broken() -> bool:
        raise KeyError("x")

    with pytest.raises(KeyError):
        ProbeWithTimeout(broken, 60).probe()


def test_a_hanging_check_runs_once_and_again_when_it_has_ended() -> None:
    begun, gate = threading.Event(), threading.Event()
    asked: list[int] = []

    def check() -> bool:
        asked.append(1)
        begun.set()
        return gate.wait(60)

    probe = ProbeWithTimeout(check, 0.05)
    assert [probe.probe() for _ in range(3)] == [False] * 3
    # Its thread may begin only after the probes have returned.
    assert begun.wait(60)
    assert len(asked) == 1
    gate.set()
    assert probe._running is not None
    assert probe._running.result(60)
    probe._seconds = 60
    assert probe.probe()
    assert len(asked) == 2
