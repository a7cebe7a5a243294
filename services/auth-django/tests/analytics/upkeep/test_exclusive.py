import pytest
from analytics.upkeep.exclusive import try_sweep
from auth_rig.threads import at_once
from django.utils import timezone
from halftone_auth.database.locks import Lock, try_advisory_lock


@pytest.mark.django_db(transaction=True)
def test_one_sweeps_while_others_go_on() -> None:
    with try_advisory_lock(Lock.SWEEP):
        assert at_once(lambda: try_sweep(timezone.now())) == [None]
    done = try_sweep(timezone.now())
    assert done is not None
    assert done["messages_sent"] == 0
