import pytest
from analytics.events import cursor, emit, since
from analytics.models import Event
from django.db import transaction
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
