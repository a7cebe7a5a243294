"""Checks that protobuf's own parsers lack: named errors for JSON members, and finite numbers in both encodings."""

import math
from typing import Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct, Value
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_gateway.delivery.strict_json import Json

_F: Final = FieldDescriptor
_UNSIGNED: Final = (_F.CPPTYPE_UINT32, _F.CPPTYPE_UINT64)
_INTEGERS: Final = (*_UNSIGNED, _F.CPPTYPE_INT32, _F.CPPTYPE_INT64)
_FLOATS: Final = (_F.CPPTYPE_DOUBLE, _F.CPPTYPE_FLOAT)
_STRUCT: Final = Struct.DESCRIPTOR.full_name


def check_json(document: dict[str, Json], descriptor: Descriptor, path: str = "") -> None:
    """Raises `unknown_type` for an unknown message, `unknown_field`, `param_invalid` or `bad_seq` with the field."""
    fields = {name: field for field in descriptor.fields for name in (field.json_name, field.name)}
    seen: set[int] = set()
    for name, value in document.items():
        field = fields.get(name)
        if field is None:
            raise HalftoneError(ErrorCode.UNKNOWN_FIELD if path else ErrorCode.UNKNOWN_TYPE, field=_join(path, name))
        if field.number in seen:
            raise HalftoneError(ErrorCode.BAD_MESSAGE, "A field is given twice.", field=_join(path, name))
        seen.add(field.number)
        _check_field(value, field, _join(path, name))


def _check_field(value: Json, field: FieldDescriptor, path: str) -> None:
    if value is None:
        return
    if not field.is_repeated:
        _check_value(value, field, path)
        return
    if not isinstance(value, list):
        raise _invalid(path, "A list is expected.")
    for item in value:
        _check_value(item, field, path)


def _check_value(value: Json, field: FieldDescriptor, path: str) -> None:
    if field.message_type is not None:
        if not isinstance(value, dict):
            raise HalftoneError(ErrorCode.BAD_MESSAGE, "An object is expected.", field=path)
        if field.message_type.full_name != _STRUCT:
            check_json(value, field.message_type, path)
    elif not _fits(value, field):
        raise _invalid(path, "The value is of another type, or out of range.")


def _fits(value: Json, field: FieldDescriptor) -> bool:
    if field.cpp_type in _INTEGERS:
        return _is_integer(value, field)
    if field.cpp_type in _FLOATS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if field.cpp_type == _F.CPPTYPE_BOOL:
        return isinstance(value, bool)
    return isinstance(value, str)


def _is_integer(value: Json, field: FieldDescriptor) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        return False
    least, greatest = (0, 2**32) if field.cpp_type in _UNSIGNED else (-(2**31), 2**31)
    return least <= value < greatest


def check_numbers(message: Message, path: str = "") -> None:
    """Raises `param_invalid` when a number anywhere in the message is not finite."""
    if isinstance(message, Struct):
        _check_struct(message, path)
        return
    for field, value in message.ListFields():
        inner = _join(path, field.json_name)
        if isinstance(value, Message):
            check_numbers(value, inner)
        elif isinstance(value, float) and not math.isfinite(value):
            raise _invalid(inner, "A number must be finite.")


def _check_struct(struct: Struct, path: str) -> None:
    todo: list[tuple[str, Value]] = _members(struct, path)
    while todo:
        inner, value = todo.pop()
        kind = value.WhichOneof("kind")
        if kind is None or (kind == "number_value" and not math.isfinite(value.number_value)):
            raise _invalid(inner, "A number must be finite.")
        if kind == "struct_value":
            todo += _members(value.struct_value, inner)
        elif kind == "list_value":
            todo += [(inner, item) for item in value.list_value.values]


def _members(struct: Struct, path: str) -> list[tuple[str, Value]]:
    return [(_join(path, name), value) for name, value in struct.fields.items()]


def _invalid(path: str, detail: str) -> HalftoneError:
    code = ErrorCode.BAD_SEQ if path.rpartition(".")[2] == "seq" else ErrorCode.PARAM_INVALID
    return HalftoneError(code, detail, field=path)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
