import threading
import uuid

import pytest
from analytics.events import cursor, emit, since
from analytics.models import Event
from auth_rig.threads import at_once
from django.db import connection, transaction
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
    assert since(seen[0])[0] == seen[-1]
    assert [event.pk for event in since(seen[0])[1]] == seen[1:]


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
    assert since(0) == (0, [])


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
            after, found = since(after)
            heard.extend(event.pk for event in found)
        let_go.set()
        while len(heard) < 2:
            after, found = since(after)
            heard.extend(event.pk for event in found)
            if not found and Event.objects.count() == 2 and since(after)[1] == []:
                break

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
