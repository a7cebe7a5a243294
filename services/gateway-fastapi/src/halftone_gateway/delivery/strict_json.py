"""JSON as the protocol accepts it: one object of strict JSON."""

from typing import cast

from halftone_servicekit import strict_json
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.strict_json import StrictJsonError

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


def parse_object(text: str) -> dict[str, Json]:
    """Raises `bad_json` for text that is no strict JSON and `bad_message` for JSON that is no object."""
    try:
        document = strict_json.loads(text, allows_nul=True)
    except StrictJsonError as error:
        raise HalftoneError(ErrorCode.BAD_JSON, str(error)) from error
    if not isinstance(document, dict):
        raise HalftoneError(ErrorCode.BAD_MESSAGE, "A message is a JSON object.")
    return cast("dict[str, Json]", document)
