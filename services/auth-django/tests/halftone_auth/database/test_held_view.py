import threading

import pytest
from halftone_auth.database import held_view
from halftone_auth.database.held_view import wait_for


def test_a_wait_ends_when_it_is_there(db: None) -> None:
    answers = iter([False, False, True])
    wait_for(lambda: next(answers), 60)
    assert next(answers, None) is None


def test_a_wait_ends_with_its_seconds(db: None) -> None:
    wait_for(lambda: False, 0.01)
    wait_for(lambda: pytest.fail("no second, no look"), 0)


def test_a_wait_ends_with_the_process(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_view, "_closed", threading.Event())
    held_view.close()
    wait_for(lambda: False, 3600)


def test_too_many_waits_end_at_once(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_view, "_places", threading.BoundedSemaphore(1))
    looks: list[int] = []

    def look() -> bool:
        looks.append(1)
        wait_for(lambda: pytest.fail("no place, no look"), 60)
        return True

    wait_for(look, 60)
    wait_for(look, 60)
    assert len(looks) == 2
