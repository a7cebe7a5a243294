"""Walks every route there is: nobody gets anything without credentials, nobody gets a stranger's."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from analytics.jobs import previews
from auth_rig.work import Worker, make_dataset, make_upload, make_version, queue_import
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from halftone_servicekit.storage import StorageAddress
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient
from users.models import User

pytestmark = pytest.mark.django_db

PUBLIC = {
    "token",
    "token-refresh",
    "token-verify",
    "token-revoke",
    "jwks",
    "schema",
    "docs",
    "metrics",
    "healthz",
    "readyz",
}
METHODS = ("get", "post", "put", "patch", "delete", "head", "trace")


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, str]]:
    """(name, path) of every route but the admin's, whose site guards itself."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            if entry.namespace != "admin":
                yield from routes(entry, path)
        elif isinstance(entry, URLPattern):
            yield str(entry.name), "/" + path


def test_the_walk_sees_every_route() -> None:
    names = [name for name, _ in routes()]
    assert len(names) == len(set(names)) >= 29
    assert set(names) > PUBLIC


def test_without_credentials_nothing_answers(anonymous: APIClient) -> None:
    for name, route in routes():
        path = re.sub(r"<[^>]+>", str(uuid.uuid4()), route)
        answers = {getattr(anonymous, method)(path).status_code for method in METHODS}
        if name in PUBLIC:
            assert answers & {200, 204, 400, 401}, path
        else:
            assert answers <= {401, 405}, (path, answers)
            assert 401 in answers, path


def test_the_admin_asks_for_a_sign_in(anonymous: APIClient, api: APIClient) -> None:
    for client in (anonymous, api):
        answer = client.get("/admin/analytics/dataset/", secure=True)
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/admin/login/")


def test_a_stranger_gets_nothing_of_the_owner_s(
    api: APIClient, foreign: APIClient, owner: User, worker: Worker, settings: Settings, home: Path
) -> None:
    settings.IMPORT_ROOTS = {"secret-source": StorageAddress(f"file://{home}")}
    dataset = make_dataset(owner, "secret", "Secret title")
    version = make_version(dataset)
    permission = dataset.permissions.get()
    job = queue_import(api, dataset="secret")
    upload = make_upload(owner)
    preview = previews.ask(owner, upload, version, {}, timezone.now())
    ids = {
        "slug": "secret",
        "permission_id": str(permission.pk),
        "upload_id": str(upload.pk),
        "job_id": str(job.pk),
        "preview_id": str(preview.pk),
        "version_id": str(version.pk),
        "source_name": "secret-source",
    }
    for name, route in routes():
        if name in PUBLIC:
            continue
        path = re.sub(r"<str:(\w+)>", lambda match: ids[match[1]], route)
        for method in METHODS:
            for query in ("", f"?version={version.pk}"):
                answer = getattr(foreign, method)(path + query)
                assert answer.status_code < 500, (method, path)
                for secret in ("Secret title", str(dataset.pk), str(version.pk), *list(ids.values())[1:]):
                    assert secret.encode() not in answer.content, (method, path)
                if "<" in route:
                    assert answer.status_code in {400, 401, 404, 405}, (method, path, answer.status_code)
    dataset.refresh_from_db()
    job.refresh_from_db()
    assert (dataset.deleted_at, dataset.title, job.state) == (None, "Secret title", "queued")
