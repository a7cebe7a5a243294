"""Checks of JSON members against the schema, and of numbers in messages. The named cases are in routes/test_socket."""

import math

import pytest
from gateway_rig.client import opening, struct, viewport
from halftone.v1 import session_pb2 as pb
from halftone_gateway.delivery.strict_proto import check_json, check_numbers
from halftone_servicekit.errors import HalftoneError

SCHEMA = pb.ClientMessage.DESCRIPTOR


def test_what_fits_passes() -> None:
    check_json({"open": {"viewId": 0, "seq": 4294967295, "options": {"any": [{"thing": None}]}, "held": []}}, SCHEMA)
    check_json({"open": {"viewport": {"extent": {"x0": -1.5, "x1": 1e300}, "exactViewport": True}}}, SCHEMA)
    check_json({"open": None}, SCHEMA)


@pytest.mark.parametrize("value", [4294967296, -1, 1.5, "1", True, [], {}])
def test_what_is_no_uint32_is_refused(value: object) -> None:
    with pytest.raises(HalftoneError) as caught:
        check_json({"open": {"viewId": value}}, SCHEMA)  # type: ignore[dict-item]  # what JSON may hold
    assert caught.value.field == "open.viewId"


def test_only_seq_has_an_error_of_its_own() -> None:
    with pytest.raises(HalftoneError, match="bad_seq"):
        check_json({"shown": {"seq": "1"}}, SCHEMA)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_in_messages_are_finite(value: float) -> None:
    for message, field in (
        (pb.ClientMessage(open=opening(viewport=viewport(0, value, 0, 1))), "open.viewport.extent.x1"),
        (pb.ClientMessage(set=pb.Set(options=struct({"deep": {"a": value}}))), "set.options.deep.a"),
        (pb.ClientMessage(set=pb.Set(options=struct({"list": [1.0, value]}))), "set.options.list"),
    ):
        with pytest.raises(HalftoneError) as caught:
            check_numbers(message)
        assert (caught.value.code, caught.value.field) == ("param_invalid", field)


def test_a_value_without_a_kind_is_refused() -> None:
    message = pb.Set()
    message.options.fields["x"].Clear()
    with pytest.raises(HalftoneError, match="param_invalid"):
        check_numbers(message)
