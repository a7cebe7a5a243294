import json

import pytest
from auth_rig.people import problem_of
from halftone_auth.http.strict_json import loads
from halftone_servicekit.errors import HalftoneError
from halftone_servicekit.strict_json import MAX_DEPTH
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

SAFE = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | SAFE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SAFE, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_what_json_can_say_is_read(value: object, ascii_only: bool) -> None:
    assert loads(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


def code_of(body: bytes) -> str:
    try:
        loads(body)
    except HalftoneError as error:
        return error.code
    return "read"


@given(st.binary(max_size=50))
def test_bytes_are_read_or_refused_and_nothing_else(body: bytes) -> None:
    assert code_of(body) in {"read", "bad_json"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1,]",
        b"[NaN]",
        b"[Infinity]",
        b"[-Infinity]",
        b"[1e999]",
        b"[-1e999]",
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b'["a\\u0000b"]',
        b'{"\\u0000":1}',
        b'[{"a":["\\u0000"]}]',
        b'["\\ud800"]',
        b'["\\udc00\\ud800"]',
        b'["\xff"]',
        b'["\x00"]',
        b"\xef\xbb\xbf[]",
        b"[" + b"9" * 5000 + b"]",
        b"[" * 100_000,
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1),
    ],
)
def test_what_it_cannot_say_is_refused(body: bytes) -> None:
    with pytest.raises(HalftoneError, match="bad_json"):
        loads(body)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * MAX_DEPTH + b"]" * MAX_DEPTH,
        b'["' + b"[" * 1000 + b'"]',
        b'["\\"' + b"{" * 1000 + b'"]',
        b'["\\ud83d\\ude00"]',
    ],
)
def test_what_only_looks_odd_is_read(body: bytes) -> None:
    assert loads(body)


def test_services_may_speak_of_nul() -> None:
    assert loads(b'["a\\u0000b"]', allows_nul=True) == ["a\0b"]
    with pytest.raises(HalftoneError, match="bad_json"):
        loads(b'["\\ud800"]', allows_nul=True)


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"x"'])
def test_a_body_is_an_object(api: APIClient, body: bytes) -> None:
    answer = api.post("/api/datasets/", body, content_type="application/json")
    assert problem_of(answer)[:2] == (400, "bad_json")


def test_the_limit_is_exact(api: APIClient) -> None:
    body = b'{"title":"x"' + b" " * ((1 << 20) - 13) + b"}"
    assert len(body) == 1 << 20
    assert api.post("/api/datasets/", body, content_type="application/json").status_code == 201
    answer = api.post("/api/datasets/", body + b" ", content_type="application/json")
    assert problem_of(answer)[:2] == (413, "body_too_large")
