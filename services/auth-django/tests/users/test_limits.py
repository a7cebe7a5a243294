import pytest
from auth_rig.people import make_user, sign_in
from django.core.cache import caches
from halftone_auth.redis import options
from halftone_servicekit.testing_servers import Redis
from pytest_django.fixtures import Settings
from redis import Redis as Client
from users import limits
from users.limits import WINDOW_S, allow_sign_in, uncount_sign_in
from users.models import User

pytestmark = pytest.mark.django_db


def test_the_eleventh_wrong_password_waits(owner: User) -> None:
    answers = [sign_in(owner, password="wrong") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= WINDOW_S
    assert answers[-1].json()["code"] == "rate_limited"
    assert sign_in(owner).status_code == 429


def test_right_passwords_are_not_counted(owner: User) -> None:
    assert {sign_in(owner).status_code for _ in range(15)} == {200}


def test_one_account_s_limit_is_not_another_s(owner: User) -> None:
    for _ in range(11):
        sign_in(owner, password="wrong")
    assert sign_in(make_user()).status_code == 200


def test_unknown_accounts_are_limited_alike() -> None:
    nobody = User(email="nobody@example.org")
    assert [sign_in(nobody).status_code for _ in range(11)] == [401] * 10 + [429]


def test_one_address_cannot_try_many_accounts(settings: Settings) -> None:
    settings.LOGIN_PER_MINUTE = 2
    waits = [allow_sign_in(f"user{number}@example.org", "192.0.2.1") for number in range(21)]
    assert waits[:20] == [0] * 20
    assert 1 <= waits[20] <= WINDOW_S
    assert allow_sign_in("user@example.org", "192.0.2.2") == 0


def test_forgiving_after_the_window_is_harmless() -> None:
    uncount_sign_in("user@example.org", "192.0.2.1")
    assert allow_sign_in("user@example.org", "192.0.2.1") == 0


def test_replicas_count_together_and_alone_while_the_cache_is_away(
    owner: User, settings: Settings, redis: Redis
) -> None:
    settings.CACHES = options.caches(redis.url)
    address = "192.0.2.9"
    assert [allow_sign_in("a@example.org", address) for _ in range(10)] == [0] * 10
    # What another replica has in its own memory does not matter.
    caches["local"].clear()
    assert allow_sign_in("a@example.org", address) > 0
    redis.stop()
    answers = [sign_in(owner, password="wrong") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    redis.start()
    limits.breaker.reset()
    assert sign_in(owner).status_code == 200


def test_no_count_lasts_for_ever(settings: Settings, redis: Redis) -> None:
    settings.CACHES = options.caches(redis.url)
    allow_sign_in("a@example.org", "192.0.2.9")
    with Client.from_url(redis.url) as server:
        for key in list(server.scan_iter()):
            # What is left when a key ends after Django has looked and before it counts.
            server.set(key, 0)
        server.delete(*server.scan_iter("*:until"))
        allow_sign_in("a@example.org", "192.0.2.9")
        assert {0 < server.ttl(key) <= WINDOW_S for key in server.scan_iter()} == {True}
