"""Exceptions to statuses."""

import pytest
from halftone_compute.errors import failure, known
from halftone_servicekit.errors import ErrorCode, HalftoneError
from structlog.testing import capture_logs


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (HalftoneError(ErrorCode.UNKNOWN_COLUMN, field="x"), ErrorCode.UNKNOWN_COLUMN),
        (TimeoutError(), ErrorCode.DEADLINE_EXCEEDED),
        (MemoryError(), ErrorCode.RENDER_TOO_LARGE),
    ],
)
def test_expected_errors_are_not_logged(error: Exception, code: ErrorCode) -> None:
    with capture_logs() as lines:
        assert known(error, "r1").code is code
    assert lines == []


def test_a_bug_is_logged_once_and_shows_nothing_of_itself() -> None:
    with capture_logs() as lines:
        shown = known(ValueError("/secret/path and text"), "r1")
    assert shown.code is ErrorCode.INTERNAL
    assert "secret" not in shown.detail
    assert "r1" in shown.detail
    assert [line["request_id"] for line in lines] == ["r1"]
    assert isinstance(lines[0]["exc_info"], ValueError)


def test_a_failure_carries_everything_and_is_short() -> None:
    message = failure(HalftoneError(ErrorCode.OVERLOADED, "d" * 9999, "f" * 9999, retry_after_ms=500))
    assert message.code == "overloaded"
    assert message.retry_after_ms == 500
    assert len(message.detail) == len(message.field) == 512
