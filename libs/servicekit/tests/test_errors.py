"""The one error table."""

import re

import grpc
import pytest
from halftone_servicekit.errors import CLOSE_CODES, ERRORS, ErrorCode, ErrorRow, HalftoneError, problem


def test_every_code_has_one_row_in_order() -> None:
    assert list(ERRORS) == list(ErrorCode)
    assert all(code is row.code for code, row in ERRORS.items())


@pytest.mark.parametrize("row", ERRORS.values(), ids=lambda row: str(row.code))
def test_a_row_is_sound_on_every_wire(row: ErrorRow) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", row.code)
    assert 400 <= row.http <= 599
    assert row.grpc in grpc.StatusCode.__members__
    assert row.grpc != "OK"
    assert row.close is None or row.close in CLOSE_CODES
    assert row.sentence.endswith(".")


def test_the_codes_of_the_protocol_are_all_there() -> None:
    named = {
        *("auth_required", "token_invalid", "token_expired", "token_not_yet_valid", "forbidden", "origin_refused"),
        *("not_found", "bad_json", "bad_message", "unknown_type", "unsupported_version", "unknown_field"),
        *("param_invalid", "param_out_of_range", "bad_seq", "unknown_dataset", "unknown_kind", "unknown_column"),
        *("unknown_agg", "unknown_colormap", "filter_invalid", "filter_too_complex", "filter_too_expensive"),
        *("too_many_categories", "view_limit", "socket_limit", "rate_limited", "overloaded", "compute_unavailable"),
        *("auth_unavailable", "deadline_exceeded", "cancelled", "render_too_large", "data_corrupt", "version_gone"),
        *("no_space", "quota_exceeded", "upload_conflict", "lease_lost", "checksum_mismatch", "url_not_allowed"),
        *("empty_file", "corrupt_parquet", "ragged_row", "type_mismatch", "unsupported_type", "bad_encoding"),
        *("line_too_long", "too_many_columns", "too_large_uncompressed", "bad_column_name"),
        *("parser_crash", "internal"),
    }
    assert named <= {code.value for code in ErrorCode}


def test_an_error_explains_itself() -> None:
    error = HalftoneError("rate_limited", field="x", retry_after_ms=250)
    assert error.code is ErrorCode.RATE_LIMITED
    assert error.detail == ERRORS[ErrorCode.RATE_LIMITED].sentence
    assert error.row.close == 4429
    assert error.retry_after_ms == 250
    assert str(error) == "rate_limited: Too many requests; slow down. (x)"
    assert str(HalftoneError(ErrorCode.INTERNAL, "Sorry.")) == "internal: Sorry."


def test_an_unknown_code_of_a_peer_is_internal() -> None:
    error = HalftoneError("from_the_future", "Newer than we are.")
    assert (error.code, error.detail) == (ErrorCode.INTERNAL, "Newer than we are.")


def test_a_problem_has_the_four_members() -> None:
    body = problem(HalftoneError(ErrorCode.UNKNOWN_COLUMN, field="value"), "r-1")
    assert body == {
        "code": "unknown_column",
        "field": "value",
        "detail": "There is no such column.",
        "request_id": "r-1",
    }
    assert type(body["code"]) is str
