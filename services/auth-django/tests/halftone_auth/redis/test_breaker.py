import pytest
from halftone_auth.redis.breaker import Breaker
from structlog.testing import capture_logs


class Server:
    def __init__(self) -> None:
        self.away = False
        self.asked = 0

    def answer(self) -> str:
        self.asked += 1
        if self.away:
            raise OSError("away")
        return "its answer"


def ours() -> str:
    return "our own"


def test_a_server_that_is_away_is_left_alone_for_a_while() -> None:
    breaker, server = Breaker("bus", (OSError,), pause_s=60), Server()
    assert breaker.ask(server.answer, ours) == "its answer"
    server.away = True
    assert [breaker.ask(server.answer, ours) for _ in range(3)] == ["our own"] * 3
    assert server.asked == 2
    server.away = False
    assert breaker.ask(server.answer, ours) == "our own"
    breaker.reset()
    assert breaker.ask(server.answer, ours) == "its answer"


def test_its_going_and_its_return_are_logged_once() -> None:
    breaker, server = Breaker("bus", (OSError,), pause_s=0), Server()
    with capture_logs() as logs:
        server.away = True
        for _ in range(3):
            breaker.ask(server.answer, ours)
        server.away = False
        for _ in range(3):
            breaker.ask(server.answer, ours)
    assert [line["event"] for line in logs] == ["server_away", "server_back"]


def test_other_errors_are_not_its_own() -> None:
    with pytest.raises(ZeroDivisionError):
        Breaker("bus", (OSError,)).ask(lambda: str(1 // 0), ours)
