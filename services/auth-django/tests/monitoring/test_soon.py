import threading

import pytest
from monitoring.soon import Soon


def test_what_answers_in_time_is_told() -> None:
    assert Soon(lambda: True, 60).ask()
    assert not Soon(lambda: False, 60).ask()


def test_what_is_raised_is_raised() -> None:
    def broken() -> bool:
        raise KeyError("x")

    with pytest.raises(KeyError):
        Soon(broken, 60).ask()


def test_what_hangs_is_asked_once_and_again_when_it_is_back() -> None:
    begun, gate = threading.Event(), threading.Event()
    asked: list[int] = []

    def question() -> bool:
        asked.append(1)
        begun.set()
        return gate.wait(60)

    soon = Soon(question, 0.05)
    assert [soon.ask() for _ in range(3)] == [False] * 3
    # Its thread may begin only after those who asked have gone.
    assert begun.wait(60)
    assert len(asked) == 1
    gate.set()
    assert soon._asked is not None
    assert soon._asked.result(60)
    soon._seconds = 60
    assert soon.ask()
    assert len(asked) == 2
