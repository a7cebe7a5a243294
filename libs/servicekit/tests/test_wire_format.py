"""What stands in front of a value is what protobuf itself writes there."""

import pytest
from google.protobuf.descriptor_pb2 import FileOptions
from google.protobuf.wrappers_pb2 import BytesValue
from halftone_servicekit.wire_format import prefix

SIZES = [1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]


@pytest.mark.parametrize("size", SIZES)
def test_a_value_follows_its_number_and_length(size: int) -> None:
    value = bytes(size)
    assert prefix(1, size) + value == BytesValue(value=value).SerializeToString()


@pytest.mark.parametrize("size", SIZES)
def test_numbers_from_16_take_two_bytes(size: int) -> None:
    number = FileOptions.DESCRIPTOR.fields_by_name["php_namespace"].number
    assert number > 15
    assert prefix(number, size) + bytes(size) == FileOptions(php_namespace="\0" * size).SerializeToString()


def test_an_empty_value_has_a_prefix_too() -> None:
    assert BytesValue.FromString(prefix(1, 0)) == BytesValue()
