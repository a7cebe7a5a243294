"""Strict JSON."""

import json

import pytest
from halftone_gateway.delivery.strict_json import parse_object
from halftone_servicekit.errors import HalftoneError
from halftone_servicekit.strict_json import MAX_DEPTH
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), VALUES))
def test_what_is_json_is_read_as_json_reads_it(document: dict[str, object]) -> None:
    assert parse_object(json.dumps(document)) == document


@given(st.text())
def test_any_other_text_is_a_named_error(text: str) -> None:
    with pytest.raises(HalftoneError) as caught:
        parse_object(f"[{text}")
    assert caught.value.code in ("bad_json", "bad_message")


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


def test_depth_is_bounded() -> None:
    assert parse_object(nested(MAX_DEPTH))
    with pytest.raises(HalftoneError, match="bad_json"):
        parse_object(nested(MAX_DEPTH + 1))
    with pytest.raises(HalftoneError, match="bad_json"):
        parse_object('{"a":' + "[" * 60_000)


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":2}', '{"a":{"b":1,"b":1}}', '{"a":NaN}', '{"a":-Infinity}', '{"a":1e999}']
)
def test_looseness_of_the_standard_parser_is_refused(text: str) -> None:
    with pytest.raises(HalftoneError, match="bad_json"):
        parse_object(text)


@pytest.mark.parametrize("text", ['{"a":"\\ud800"}', '{"\\udfff":1}'])
def test_lone_surrogates_are_refused(text: str) -> None:
    with pytest.raises(HalftoneError, match="bad_json"):
        parse_object(text)
