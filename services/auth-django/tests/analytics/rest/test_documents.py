from datetime import UTC, datetime, timedelta

import pytest
from analytics.models import Job, Role
from analytics.rest.documents import JobDocument, RoleField, seconds_of

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def job(**fields: object) -> Job:
    return Job(state="running", started_at=NOW, progress_at=NOW + timedelta(seconds=10), **fields)


def test_work_is_timed_up_to_its_newest_word() -> None:
    assert seconds_of(Job()) == 0
    assert seconds_of(job()) == 10
    assert seconds_of(job(finished_at=NOW + timedelta(seconds=12))) == 12


@pytest.mark.parametrize(
    ("fields", "rate", "left"),
    [
        ({"rows": 100, "rows_total": 400}, 10.0, 30.0),
        ({"rows": 100, "bytes": 5, "bytes_total": 10}, 10.0, 10.0),
        ({"rows": 500, "rows_total": 400}, 50.0, 0.0),
        ({"rows": 0, "rows_total": 400}, None, None),
        ({"rows": 0}, None, None),
    ],
)
def test_a_rate_is_told_once_it_is_known(fields: dict[str, int], rate: float | None, left: float | None) -> None:
    shown = JobDocument()
    assert shown.get_rows_per_second(job(**fields)) == rate
    assert shown.get_eta_seconds(job(**fields)) == left


def test_only_running_jobs_have_an_end_to_wait_for() -> None:
    done = job(rows=100, rows_total=400)
    done.state = "failed"
    assert JobDocument().get_eta_seconds(done) is None


def test_an_error_is_there_or_null() -> None:
    assert JobDocument().get_error(job()) is None
    failed = job(error_code="ragged_row", error_detail="Row 7", error_field="x")
    assert JobDocument().get_error(failed) == {"code": "ragged_row", "detail": "Row 7", "field": "x"}


def test_roles_have_names() -> None:
    assert [RoleField().to_representation(role) for role in Role] == ["viewer", "editor", "owner"]
