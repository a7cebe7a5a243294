import pytest
from auth_rig.clock import usual_seconds
from halftone_auth.redis.options import caches, connection_options
from halftone_servicekit.testing_servers import Redis
from redis import Redis as Client
from redis.exceptions import ConnectionError as RedisConnectionError


def test_without_an_address_both_caches_are_local() -> None:
    assert caches("")["default"] == caches("")["local"]


def test_with_one_the_default_is_shared() -> None:
    found = caches("redis://host/1")
    assert found["default"]["LOCATION"] == "redis://host/1"
    assert found["local"]["BACKEND"].endswith("LocMemCache")


def test_a_redis_that_is_away_is_found_out_at_once(nobody: int) -> None:
    def refused() -> None:
        with (
            pytest.raises(RedisConnectionError),
            Client.from_url(f"redis://127.0.0.1:{nobody}/0", **connection_options()) as client,
        ):
            client.ping()

    assert usual_seconds(refused) < 1


def test_a_connection_that_was_cut_is_made_anew(redis: Redis) -> None:
    with Client.from_url(redis.url, **connection_options()) as client:
        assert client.ping()
        redis.stop()
        redis.start()
        assert client.ping()
