import json
from contextlib import suppress

import pytest
from halftone_servicekit.strict_json import MAX_DEPTH, StrictJsonError, loads
from hypothesis import given
from hypothesis import strategies as st

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
    assert loads(json.dumps(value, ensure_ascii=ascii_only)) == value


@given(st.text(max_size=50))
def test_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    with suppress(StrictJsonError):
        loads(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Expecting value"),
        ("{", "line 1, column 2"),
        ("[1,]", "line 1"),
        ("[NaN]", "NaN is not JSON"),
        ("[Infinity]", "Infinity is not JSON"),
        ("[-Infinity]", "-Infinity is not JSON"),
        ("[1e999]", "too large"),
        ("[-1e999]", "too large"),
        ('{"a":1,"a":2}', "twice"),
        ('{"a":{"b":1,"b":1}}', "twice"),
        ('["a\\u0000b"]', "NUL"),
        ('{"\\u0000":1}', "NUL"),
        ('[{"a":["\\u0000"]}]', "NUL"),
        ('["\\ud800"]', "surrogate"),
        ('["\\udc00\\ud800"]', "surrogate"),
        ('{"\\udfff":1}', "surrogate"),
        ('["\0"]', "control character"),
        ("\ufeff[]", "BOM"),
        ("[" + "9" * 5000 + "]", "digits"),
        ("[1" + "0" * 309 + "]", "digits"),
        ("[1" + "0" * 309 + ".5]", "too large"),
        ("[" * 100_000, "deeper"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "deeper"),
        ('{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1), "deeper"),
    ],
)
def test_what_it_cannot_say_is_refused(text: str, reason: str) -> None:
    with pytest.raises(StrictJsonError, match=reason):
        loads(text)


@pytest.mark.parametrize(
    "text",
    ["[" * MAX_DEPTH + "]" * MAX_DEPTH, '["' + "[" * 1000 + '"]', '["\\"' + "{" * 1000 + '"]', '["\\ud83d\\ude00"]'],
)
def test_what_only_looks_odd_is_read(text: str) -> None:
    assert loads(text)


def test_nul_may_be_allowed_and_surrogates_never() -> None:
    assert loads('["a\\u0000b"]', allows_nul=True) == ["a\0b"]
    with pytest.raises(StrictJsonError):
        loads('["\\ud800"]', allows_nul=True)
