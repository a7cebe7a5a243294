import threading

import pytest
from halftone_auth.soon import Soon


def test_what_answers_in_time_is_told() -> None:
    assert Soon(lambda: True, 20).ask()
    assert not Soon(lambda: False, 20).ask()


def test_what_is_raised_is_raised() -> None:
    def broken() -> bool:
        raise KeyError("x")

    with pytest.raises(KeyError):
        Soon(broken, 20).ask()


def test_what_hangs_is_asked_once_and_again_when_it_is_back() -> None:
    gate = threading.Event()
    asked: list[int] = []

    def question() -> bool:
        asked.append(1)
        return gate.wait(20)

    soon = Soon(question, 0.05)
    assert [soon.ask() for _ in range(3)] == [False] * 3
    assert len(asked) == 1
    gate.set()
    assert soon._asked is not None
    assert soon._asked.result(20)
    soon._seconds = 20
    assert soon.ask()
    assert len(asked) == 2
