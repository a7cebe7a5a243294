import pytest
from auth_rig.people import sign_in
from auth_rig.work import Worker, queue_import
from prometheus_client import REGISTRY
from rest_framework.test import APIClient
from users.models import User

pytestmark = pytest.mark.django_db
OURS = "halftone_auth_"


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"{OURS}{name}", labels) or 0.0


def test_sign_ins_are_counted_by_outcome(owner: User) -> None:
    before = {outcome: value("sign_ins_total", outcome=outcome) for outcome in ("ok", "refused", "limited")}
    sign_in(owner)
    for _ in range(11):
        sign_in(owner, password="wrong")
    grown = {outcome: value("sign_ins_total", outcome=outcome) - before[outcome] for outcome in before}
    assert grown == {"ok": 1, "refused": 10, "limited": 1}


def test_jobs_are_counted_by_state(api: APIClient, worker: Worker) -> None:
    queue_import(api, title="a")
    queue_import(api, title="b")
    worker.claim()
    states = ("queued", "running", "published", "failed", "cancelled")
    assert [value("jobs", state=state) for state in states] == [1, 1, 0, 0, 0]


def test_sessions_are_counted_while_they_are_good(owner: User) -> None:
    assert value("sessions") == 0
    token = sign_in(owner).data["refresh"]
    assert value("sessions") == 1
    before = value("sessions_ended_total", scope="session")
    APIClient().post("/api/token/revoke/", {"refresh": token})
    assert value("sessions") == 0
    assert value("sessions_ended_total", scope="session") == before + 1
