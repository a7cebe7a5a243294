import pytest
from auth_rig.people import problem_of
from auth_rig.work import SERVICE_TOKEN, Worker, queue_import
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db
CLAIM = "/api/internal/jobs/claim/"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_s_case_does_not_matter(anonymous: APIClient, scheme: str) -> None:
    body = {"worker": "w", "kinds": ["ingest"]}
    answer = anonymous.post(CLAIM, body, headers={"Authorization": f"{scheme} {SERVICE_TOKEN}"})
    assert answer.status_code == 204


def test_a_person_is_no_service(api: APIClient, anonymous: APIClient) -> None:
    assert problem_of(api.post(CLAIM, {}))[:2] == (401, "token_invalid")
    answer = anonymous.post(CLAIM, {})
    assert problem_of(answer)[:2] == (401, "auth_required")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="halftone-internal"'


def test_a_file_s_own_characters_pass(api: APIClient, worker: Worker) -> None:
    queue_import(api)
    job = worker.claim()
    assert job is not None
    assert worker.fail(job, "bad_column_name", "The column a\0b has a NUL.", "a\0b").status_code == 200
    error = api.get(f"/api/jobs/{job['job_id']}/").json()["error"]
    assert error == {"code": "bad_column_name", "detail": "The column a\ufffdb has a NUL.", "field": "a\ufffdb"}
