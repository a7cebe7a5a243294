from pathlib import Path

import pytest
from analytics.jobs.outbox import send_unsent
from analytics.models import Job, Outbox
from auth_rig.work import queue_import
from halftone_auth.celery import sender
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db


def messages(home: Path) -> list[str]:
    return [path.name for path in (home / "broker").glob("*.msg")]


def test_a_message_is_sent_after_the_commit_and_not_before(
    api: APIClient, home: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        queue_import(api)
        assert messages(home) == []
        assert Outbox.objects.get().sent_at is None
    assert [name.split(".")[1] for name in messages(home)] == ["ingest"]
    assert Outbox.objects.get().sent_at is not None


def test_what_was_not_sent_is_sent_later_and_once(api: APIClient, home: Path) -> None:
    queue_import(api)
    assert send_unsent() == 1
    assert send_unsent() == 0
    assert len(messages(home)) == 1


def test_a_broker_that_is_away_loses_nothing(
    api: APIClient,
    home: Path,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    (home / "file").write_text("no folder")
    settings.BROKER_FOLDER = home / "file" / "broker"
    sender.app.cache_clear()
    with django_capture_on_commit_callbacks(execute=True):
        job = queue_import(api)
    assert Job.objects.get() == job
    assert Outbox.objects.get().sent_at is None
    settings.BROKER_FOLDER = home / "broker"
    sender.app.cache_clear()
    assert send_unsent() == 1
