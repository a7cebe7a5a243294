import time

import pytest
from halftone_auth.redis import bus
from halftone_servicekit.testing_servers import Redis
from pytest_django.fixtures import Settings
from redis import Redis as Client


def test_without_a_bus_nothing_happens(settings: Settings) -> None:
    settings.BUS_URL = ""
    bus.publish(1)


def test_the_id_is_told_as_decimal_text(settings: Settings, redis: Redis) -> None:
    settings.BUS_URL = redis.url
    with Client.from_url(redis.url) as client, client.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe("halftone.events")
        while client.pubsub_numsub("halftone.events")[0][1] == 0:
            heard.get_message(timeout=0.1)
        bus.publish(42)
        assert told(heard) == b"42"


def told(heard: object) -> object:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        message = heard.get_message(timeout=0.1)  # type: ignore[attr-defined]  # redis' own type is private
        if message is not None:
            return message["data"]
    raise AssertionError("nothing was told")


def test_a_bus_that_goes_costs_a_moment_and_no_error(
    settings: Settings, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BUS_URL = redis.url
    monkeypatch.setattr(bus.breaker._breaker, "_open_s", 600)
    asked: list[int] = []
    publish = bus._publish

    def counted(url: str, event_id: int) -> None:
        asked.append(event_id)
        publish(url, event_id)

    monkeypatch.setattr(bus, "_publish", counted)
    bus.publish(1)
    redis.stop()
    for number in range(2, 1000):
        bus.publish(number)
    assert asked == [1, 2]


@pytest.fixture(autouse=True)
def forget() -> None:
    bus.client.cache_clear()
