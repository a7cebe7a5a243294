import threading

import pytest
from auth_rig.threads import at_once
from halftone_auth.database.locks import Lock, advisory_lock, try_advisory_lock

pytestmark = pytest.mark.django_db(transaction=True)


def test_turns_are_taken_one_after_another() -> None:
    inside, most = 0, 0

    def enter() -> None:
        nonlocal inside, most
        with advisory_lock(Lock.PREPARE):
            inside += 1
            most = max(most, inside)
            threading.Event().wait(0.02)
            inside -= 1

    assert at_once(*[enter] * 5) == [None] * 5
    assert (inside, most) == (0, 1)


def test_whoever_comes_second_is_told_and_does_not_wait() -> None:
    left = threading.Barrier(2)

    def enter() -> bool:
        with try_advisory_lock(Lock.SWEEP) as is_alone:
            left.wait(60)
            return is_alone

    assert sorted(map(bool, at_once(enter, enter))) == [False, True]
    with try_advisory_lock(Lock.SWEEP) as is_alone:
        assert is_alone


def test_a_lock_is_free_again_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), advisory_lock(Lock.SWEEP):
        raise ZeroDivisionError
    with try_advisory_lock(Lock.SWEEP) as is_alone, try_advisory_lock(Lock.PREPARE) as another:
        assert (is_alone, another) == (True, True)
