import pytest
from analytics.upkeep.exclusive import upkeep
from auth_rig.threads import at_once
from django.utils import timezone
from halftone_auth.database.locks import Lock, alone


@pytest.mark.django_db(transaction=True)
def test_one_sweeps_while_others_go_on() -> None:
    with alone(Lock.SWEEP):
        assert at_once(lambda: upkeep(timezone.now())) == [None]
    done = upkeep(timezone.now())
    assert done is not None
    assert done["messages_sent"] == 0
