"""Request parsing of views: strict serializers, known query parameters, cursor pages."""

from collections.abc import Mapping
from typing import Any, TypeVar

from halftone_servicekit.errors import ErrorCode, HalftoneError
from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from typing_extensions import override

MAX_PAGE = 100
S = TypeVar("S", bound="serializers.Serializer[Any]")


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses unknown fields. Raises `unknown_field`."""

    @override
    def to_internal_value(self, data: Any) -> Any:
        for name in data if isinstance(data, Mapping) else ():
            if name not in self.fields:
                raise HalftoneError(ErrorCode.UNKNOWN_FIELD, field=str(name)[:128])
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """A JSON string; DRF's own field also takes numbers."""

    @override
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Natural(serializers.IntegerField):
    """A whole number from 0 to 2^63 - 1, as a JSON number."""

    def __init__(self, *, allow_null: bool = False) -> None:
        super().__init__(min_value=0, max_value=2**63 - 1, allow_null=allow_null)

    @override
    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


def parsed(request: Request, serializer: type[S]) -> Mapping[str, Any]:
    """The validated body of a request. Raises DRF's validation errors and `unknown_field`."""
    form = serializer(data=request.data)
    form.is_valid(raise_exception=True)
    values: Mapping[str, Any] = form.validated_data
    return values


def query(request: Request, *known: str) -> Mapping[str, str]:
    """The query parameters. Raises `unknown_field` for an unknown one, `param_invalid` for a repeated one."""
    for name in request.query_params:
        if name not in known:
            raise HalftoneError(ErrorCode.UNKNOWN_FIELD, field=name[:128])
        values = request.query_params.getlist(name)
        if len(values) > 1 or "\0" in values[0]:
            raise HalftoneError(ErrorCode.PARAM_INVALID, field=name)
    return {name: request.query_params[name] for name in request.query_params}


class Pages(CursorPagination):
    """Cursor pages of 50, or `page_size` from 1 to 100."""

    page_size = 50
    ordering = ("-created_at", "-id")

    @override
    def get_page_size(self, request: Request) -> int:
        text = request.query_params.get("page_size")
        if text is None:
            return self.page_size
        if not (text.isascii() and text.isdigit()) or len(text) > 9:
            raise HalftoneError(ErrorCode.PARAM_INVALID, "page_size is a whole number.", field="page_size")
        if not 1 <= int(text) <= MAX_PAGE:
            raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, f"page_size is 1 to {MAX_PAGE}.", field="page_size")
        return int(text)
