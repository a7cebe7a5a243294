"""Request bodies as strict JSON: UTF-8, of bounded size."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from halftone_servicekit import strict_json
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.strict_json import StrictJsonError
from rest_framework.parsers import BaseParser
from typing_extensions import override


class StrictJSONParser(BaseParser):
    """DRF parser. Raises `bad_json`, or `body_too_large` above the limit."""

    media_type = "application/json"
    allows_nul = False

    @property
    def limit(self) -> int:
        """Bytes that a body may have."""
        return int(settings.JSON_MAX_BYTES)

    @override
    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        body = stream.read(self.limit + 1)
        if len(body) > self.limit:
            raise HalftoneError(ErrorCode.BODY_TOO_LARGE)
        value = loads(body, allows_nul=self.allows_nul)
        if not isinstance(value, dict):
            raise HalftoneError(ErrorCode.BAD_JSON, "The body must be an object.")
        return value


def loads(body: bytes, *, allows_nul: bool = False) -> object:
    """Parses one JSON document. Raises `bad_json`."""
    try:
        return strict_json.loads(body.decode("utf-8"), allows_nul=allows_nul)
    except UnicodeDecodeError as error:
        raise HalftoneError(ErrorCode.BAD_JSON, "The body is not UTF-8.") from error
    except StrictJsonError as error:
        raise HalftoneError(ErrorCode.BAD_JSON, str(error)) from error
