import pytest
from auth_rig.people import make_user
from django.db import connection, transaction
from halftone_auth.database.pool import release_connection
from users.models import User


@pytest.mark.django_db(transaction=True)
def test_a_slow_hash_holds_no_connection() -> None:
    user = make_user()
    User.objects.get(pk=user.pk).check_password("wrong")
    assert connection.connection is None
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_transaction_keeps_its_own() -> None:
    with transaction.atomic():
        user = make_user()
        release_connection()
        assert connection.connection is not None
    assert User.objects.get() == user
