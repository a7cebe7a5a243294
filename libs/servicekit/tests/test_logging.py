"""Log lines: one JSON object each, from every source, with the trace and without tokens."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog
from halftone_servicekit.logging import configure_logging
from halftone_servicekit.telemetry import use_traceparent
from typing_extensions import override

JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhYmMifQ.c2lnbmF0dXJl-_"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.root
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_our_events_are_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("gateway", "INFO", "json")
    structlog.get_logger("halftone.test").info("frame_sent", pieces=3, status=None, sizes=(1, 2), path=b"raw")
    [line] = lines(capsys)
    assert line.pop("timestamp")
    assert line == {
        "event": "frame_sent",
        "level": "info",
        "logger": "halftone.test",
        "service": "gateway",
        "pieces": 3,
        "status": None,
        "sizes": [1, 2],
        "path": "b'raw'",
    }


def test_the_logging_of_libraries_goes_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    library = logging.getLogger("some.library")
    library.addHandler(logging.StreamHandler(sys.stdout))
    library.propagate = False
    configure_logging("auth", "INFO", "json")
    library.warning("%d of %s", 2, "three", extra={"request": 7})
    [line] = lines(capsys)
    assert (line["event"], line["level"], line["logger"]) == ("2 of three", "warning", "some.library")
    assert (line["service"], line["request"]) == ("auth", 7)


def test_lines_below_the_level_are_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("auth", "WARNING", "json")
    structlog.get_logger("a").info("quiet")
    logging.getLogger("b").info("quiet")
    configure_logging("auth", "DEBUG", "json")
    logging.getLogger("httpx2").info("HTTP Request: GET …")
    logging.getLogger("b").debug("loud")
    assert [line["event"] for line in lines(capsys)] == ["loud"]


def test_the_trace_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("compute", "INFO", "json")
    with use_traceparent(PARENT):
        logging.getLogger("x").info("inside")
    logging.getLogger("x").info("outside")
    inside, outside = lines(capsys)
    assert (inside["trace_id"], inside["span_id"]) == (PARENT[3:35], PARENT[36:52])
    assert "trace_id" not in outside


@pytest.mark.parametrize("fmt", ["json", "console"])
def test_tokens_are_redacted_everywhere(capsys: pytest.CaptureFixture[str], fmt: str) -> None:
    class Secretive:
        @override
        def __repr__(self) -> str:
            return f"Secretive({JWT})"

    configure_logging("gateway", "INFO", fmt)
    log = structlog.get_logger("test")
    log.info(f"Bearer {JWT}", header={"Authorization": [f"Bearer {JWT}"], JWT: 1}, thing=Secretive())
    logging.getLogger("uvicorn.access").info("GET %s", f"/ws?token={JWT}")
    try:
        raise RuntimeError(f"cannot read {JWT}")
    except RuntimeError:
        log.exception("failed")
    out = capsys.readouterr().out
    assert out.count("[token]") == 6
    assert "eyJ" not in out
    assert "cannot read" in out


def test_lines_stay_json_whatever_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("gateway", "INFO", "json")
    structlog.get_logger("x").info("nested", value={"a": {1: {"b"}}}, nan=float("nan"), big=10**30)
    [line] = lines(capsys)
    assert (line["value"], line["nan"], line["big"]) == ({"a": {"1": "{'b'}"}}, "nan", 10**30)
