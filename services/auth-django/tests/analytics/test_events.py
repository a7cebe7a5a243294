import threading
import uuid
from datetime import timedelta

import pytest
from analytics.events import RECENT, Page, cursor, emit, since, start
from analytics.models import Event
from auth_rig.threads import at_once
from django.db import connection, transaction
from django.utils import timezone
from halftone_auth.redis import bus
from halftone_servicekit.testing_servers import Redis
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings
from redis import Redis as Client
from users.models import User

pytestmark = pytest.mark.django_db


def test_the_cursor_grows_with_every_event(owner: User) -> None:
    assert cursor() == 0
    seen = []
    for _ in range(3):
        emit(Event.Kind.USER_REVOKED, user_id=owner.pk)
        seen.append(cursor())
    assert seen == sorted(set(seen))
    page = since(seen[0])
    assert (page.cursor, page.more) == (seen[-1], False)
    assert [event.pk for event in page.events] == seen[1:]


def test_a_reader_starts_before_what_may_concern_a_token_that_is_valid(owner: User) -> None:
    now = timezone.now()
    assert start(now) == Page(0)
    for age in (2 * RECENT, RECENT - timedelta(seconds=1), timedelta()):
        emit(Event.Kind.USER_REVOKED, user_id=owner.pk, token_version=2)
        Event.objects.filter(pk=cursor()).update(created_at=now - age)
    old, *recent = Event.objects.values_list("pk", flat=True)
    assert start(now) == Page(old, more=True)
    assert [event.pk for event in since(start(now).cursor).events] == recent
    assert start(now + RECENT + timedelta(seconds=1)) == Page(recent[-1])


def test_an_id_is_not_used_twice(owner: User) -> None:
    emit(Event.Kind.USER_REVOKED, user_id=owner.pk)
    before = cursor()
    Event.objects.all().delete()
    emit(Event.Kind.USER_REVOKED, user_id=owner.pk)
    assert cursor() > before


def test_what_did_not_happen_is_not_told(owner: User) -> None:
    with transaction.atomic():
        emit(Event.Kind.USER_REVOKED, user_id=owner.pk)
        transaction.set_rollback(True)
    assert since(0) == Page(0)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_late_is_not_skipped() -> None:
    """The first writer has its id and dawdles; the second commits meanwhile, and a reader follows."""
    heard: list[int] = []
    first_has_written, let_go = threading.Event(), threading.Event()

    def dawdle() -> None:
        with transaction.atomic():
            emit(Event.Kind.USER_REVOKED, user_id=uuid.uuid4())
            first_has_written.set()
            let_go.wait(20)

    def hurry() -> None:
        first_has_written.wait(20)
        emit(Event.Kind.USER_REVOKED, user_id=uuid.uuid4())

    def read() -> None:
        after = 0
        first_has_written.wait(20)
        # Until the second has committed, or waits for the first.
        while after == 0 and not waits():
            after = follow(after)
        let_go.set()
        while len(heard) < 2:
            before, after = after, follow(after)
            if after == before and Event.objects.count() == 2 and not since(after).events:
                break

    def follow(after: int) -> int:
        page = since(after)
        heard.extend(event.pk for event in page.events)
        return page.cursor

    outcomes = at_once(dawdle, hurry, read)
    assert outcomes == [None] * 3
    assert heard == sorted(Event.objects.values_list("pk", flat=True))
    assert len(heard) == 2


def waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(cursor.fetchone()[0])


def test_the_bus_hears_after_the_commit(
    owner: User,
    settings: Settings,
    redis: Redis,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.BUS_URL = redis.url
    with Client.from_url(redis.url) as client, client.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(bus.CHANNEL)
        while client.pubsub_numsub(bus.CHANNEL)[0][1] == 0:
            heard.get_message(timeout=0.1)
        with django_capture_on_commit_callbacks(execute=True):
            emit(Event.Kind.USER_REVOKED, user_id=owner.pk)
            assert heard.get_message(timeout=0.2) is None
        message = None
        while message is None:
            message = heard.get_message(timeout=5)
        assert message["data"] == str(cursor()).encode()
