"""The one error table: every code that any tier may send, with its status on each wire and a plain sentence.

A code crosses the wire as its string. `docs/errors.md` carries the same table for readers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class ErrorCode(StrEnum):
    """Every error code of the system, in the order of `docs/errors.md`."""

    AUTH_REQUIRED = "auth_required"
    TOKEN_INVALID = "token_invalid"  # noqa: S105 - the name of an error, not a secret
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - the name of an error, not a secret
    TOKEN_NOT_YET_VALID = "token_not_yet_valid"  # noqa: S105 - the name of an error, not a secret
    FORBIDDEN = "forbidden"
    ORIGIN_REFUSED = "origin_refused"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    BODY_TOO_LARGE = "body_too_large"
    CONFLICT = "conflict"
    PRECONDITION_FAILED = "precondition_failed"
    PRECONDITION_REQUIRED = "precondition_required"
    BAD_JSON = "bad_json"
    BAD_MESSAGE = "bad_message"
    UNKNOWN_TYPE = "unknown_type"
    UNSUPPORTED_VERSION = "unsupported_version"
    UNKNOWN_FIELD = "unknown_field"
    PARAM_INVALID = "param_invalid"
    PARAM_OUT_OF_RANGE = "param_out_of_range"
    BAD_SEQ = "bad_seq"
    UNKNOWN_DATASET = "unknown_dataset"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_COLUMN = "unknown_column"
    UNKNOWN_AGG = "unknown_agg"
    UNKNOWN_COLORMAP = "unknown_colormap"
    FILTER_INVALID = "filter_invalid"
    FILTER_TOO_COMPLEX = "filter_too_complex"
    FILTER_TOO_EXPENSIVE = "filter_too_expensive"
    TOO_MANY_CATEGORIES = "too_many_categories"
    VIEW_LIMIT = "view_limit"
    SOCKET_LIMIT = "socket_limit"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    COMPUTE_UNAVAILABLE = "compute_unavailable"
    AUTH_UNAVAILABLE = "auth_unavailable"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    DEADLINE_EXCEEDED = "deadline_exceeded"
    CANCELLED = "cancelled"
    RENDER_TOO_LARGE = "render_too_large"
    DATA_CORRUPT = "data_corrupt"
    VERSION_GONE = "version_gone"
    NO_SPACE = "no_space"
    QUOTA_EXCEEDED = "quota_exceeded"
    UPLOAD_CONFLICT = "upload_conflict"
    UPLOAD_LOCKED = "upload_locked"
    LEASE_LOST = "lease_lost"
    CHECKSUM_MISMATCH = "checksum_mismatch"
    URL_NOT_ALLOWED = "url_not_allowed"
    EMPTY_FILE = "empty_file"
    CORRUPT_PARQUET = "corrupt_parquet"
    RAGGED_ROW = "ragged_row"
    TYPE_MISMATCH = "type_mismatch"
    UNSUPPORTED_TYPE = "unsupported_type"
    BAD_ENCODING = "bad_encoding"
    LINE_TOO_LONG = "line_too_long"
    TOO_MANY_COLUMNS = "too_many_columns"
    TOO_LARGE_UNCOMPRESSED = "too_large_uncompressed"
    BAD_COLUMN_NAME = "bad_column_name"
    PARSER_CRASH = "parser_crash"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One code on every wire: `grpc` is a status name, `close` the code of a socket that this error ends."""

    code: ErrorCode
    http: int
    grpc: str
    close: int | None
    sentence: str


_C = ErrorCode
_ROWS = (
    ErrorRow(_C.AUTH_REQUIRED, 401, "UNAUTHENTICATED", 4401, "Sign in first."),
    ErrorRow(_C.TOKEN_INVALID, 401, "UNAUTHENTICATED", 4401, "The token is not valid."),
    ErrorRow(_C.TOKEN_EXPIRED, 401, "UNAUTHENTICATED", 4401, "The token has expired."),
    ErrorRow(_C.TOKEN_NOT_YET_VALID, 401, "UNAUTHENTICATED", 4401, "The token is not valid yet; check the clocks."),
    ErrorRow(_C.FORBIDDEN, 403, "PERMISSION_DENIED", 4403, "You may not do this."),
    ErrorRow(_C.ORIGIN_REFUSED, 403, "PERMISSION_DENIED", 4403, "This origin is not allowed."),
    ErrorRow(_C.NOT_FOUND, 404, "NOT_FOUND", None, "There is nothing here."),
    ErrorRow(_C.METHOD_NOT_ALLOWED, 405, "UNIMPLEMENTED", None, "This method is not allowed here."),
    ErrorRow(_C.UNSUPPORTED_MEDIA_TYPE, 415, "INVALID_ARGUMENT", None, "This type of content is not accepted here."),
    ErrorRow(_C.BODY_TOO_LARGE, 413, "RESOURCE_EXHAUSTED", None, "The body is larger than is allowed here."),
    ErrorRow(_C.CONFLICT, 409, "ABORTED", None, "This is taken, or not in the state that this needs."),
    ErrorRow(_C.PRECONDITION_FAILED, 412, "ABORTED", None, "It was changed meanwhile; load it again."),
    ErrorRow(_C.PRECONDITION_REQUIRED, 428, "FAILED_PRECONDITION", None, "Say which state you change with If-Match."),
    ErrorRow(_C.BAD_JSON, 400, "INVALID_ARGUMENT", 4400, "This is not valid JSON."),
    ErrorRow(_C.BAD_MESSAGE, 400, "INVALID_ARGUMENT", 4400, "This message cannot be read."),
    ErrorRow(_C.UNKNOWN_TYPE, 400, "INVALID_ARGUMENT", None, "This type of message is not known."),
    ErrorRow(_C.UNSUPPORTED_VERSION, 400, "INVALID_ARGUMENT", None, "This version of the protocol is not spoken here."),
    ErrorRow(_C.UNKNOWN_FIELD, 400, "INVALID_ARGUMENT", None, "This field is not known."),
    ErrorRow(_C.PARAM_INVALID, 400, "INVALID_ARGUMENT", None, "This value is not valid."),
    ErrorRow(_C.PARAM_OUT_OF_RANGE, 400, "OUT_OF_RANGE", None, "This value is out of range."),
    ErrorRow(_C.BAD_SEQ, 400, "INVALID_ARGUMENT", None, "The seq of a view must grow."),
    ErrorRow(_C.UNKNOWN_DATASET, 404, "NOT_FOUND", None, "There is no such dataset."),
    ErrorRow(_C.UNKNOWN_KIND, 400, "INVALID_ARGUMENT", None, "There is no such kind of view."),
    ErrorRow(_C.UNKNOWN_COLUMN, 400, "INVALID_ARGUMENT", None, "There is no such column."),
    ErrorRow(_C.UNKNOWN_AGG, 400, "INVALID_ARGUMENT", None, "There is no such reduction."),
    ErrorRow(_C.UNKNOWN_COLORMAP, 400, "INVALID_ARGUMENT", None, "There is no such colour map."),
    ErrorRow(_C.FILTER_INVALID, 400, "INVALID_ARGUMENT", None, "The filter is not valid."),
    ErrorRow(_C.FILTER_TOO_COMPLEX, 400, "INVALID_ARGUMENT", None, "The filter has too many parts."),
    ErrorRow(_C.FILTER_TOO_EXPENSIVE, 400, "RESOURCE_EXHAUSTED", None, "The filter costs too much to run."),
    ErrorRow(_C.TOO_MANY_CATEGORIES, 400, "INVALID_ARGUMENT", None, "More categories were asked for than are allowed."),
    ErrorRow(_C.VIEW_LIMIT, 429, "RESOURCE_EXHAUSTED", None, "Too many views are open."),
    ErrorRow(_C.SOCKET_LIMIT, 429, "RESOURCE_EXHAUSTED", 4429, "Too many connections are open."),
    ErrorRow(_C.RATE_LIMITED, 429, "RESOURCE_EXHAUSTED", 4429, "Too many requests; slow down."),
    ErrorRow(_C.OVERLOADED, 503, "RESOURCE_EXHAUSTED", 1013, "The system is busy; try again soon."),
    ErrorRow(_C.COMPUTE_UNAVAILABLE, 503, "UNAVAILABLE", None, "The compute service cannot be reached."),
    ErrorRow(_C.AUTH_UNAVAILABLE, 503, "UNAVAILABLE", 1013, "The sign-in service cannot be reached."),
    ErrorRow(_C.STORAGE_UNAVAILABLE, 503, "UNAVAILABLE", None, "The storage of the data cannot be reached."),
    ErrorRow(_C.DEADLINE_EXCEEDED, 504, "DEADLINE_EXCEEDED", None, "This took too long."),
    ErrorRow(_C.CANCELLED, 409, "CANCELLED", None, "This was cancelled."),
    ErrorRow(_C.RENDER_TOO_LARGE, 413, "RESOURCE_EXHAUSTED", None, "This picture is too large to make."),
    ErrorRow(_C.DATA_CORRUPT, 500, "DATA_LOSS", None, "The stored data is damaged."),
    ErrorRow(_C.VERSION_GONE, 410, "FAILED_PRECONDITION", None, "This version of the dataset no longer exists."),
    ErrorRow(_C.NO_SPACE, 507, "RESOURCE_EXHAUSTED", None, "There is no space left to store this."),
    ErrorRow(_C.QUOTA_EXCEEDED, 413, "RESOURCE_EXHAUSTED", None, "Your quota is used up."),
    ErrorRow(_C.UPLOAD_CONFLICT, 409, "ABORTED", None, "The upload is not in the state that this needs."),
    ErrorRow(_C.UPLOAD_LOCKED, 423, "ABORTED", None, "Another request sends this upload."),
    ErrorRow(_C.LEASE_LOST, 409, "ABORTED", None, "Another worker holds this job now."),
    ErrorRow(_C.CHECKSUM_MISMATCH, 422, "INVALID_ARGUMENT", None, "The checksum does not match the bytes."),
    ErrorRow(_C.URL_NOT_ALLOWED, 400, "INVALID_ARGUMENT", None, "This address is not allowed."),
    ErrorRow(_C.EMPTY_FILE, 422, "INVALID_ARGUMENT", None, "The file holds no rows."),
    ErrorRow(_C.CORRUPT_PARQUET, 422, "INVALID_ARGUMENT", None, "The Parquet file is damaged."),
    ErrorRow(_C.RAGGED_ROW, 422, "INVALID_ARGUMENT", None, "A row has more or fewer cells than the header."),
    ErrorRow(_C.TYPE_MISMATCH, 415, "INVALID_ARGUMENT", None, "The content is not of the format that its name says."),
    ErrorRow(_C.UNSUPPORTED_TYPE, 422, "INVALID_ARGUMENT", None, "This type of column cannot be used here."),
    ErrorRow(_C.BAD_ENCODING, 422, "INVALID_ARGUMENT", None, "The text is not valid UTF-8."),
    ErrorRow(_C.LINE_TOO_LONG, 422, "INVALID_ARGUMENT", None, "A line of the file is too long."),
    ErrorRow(_C.TOO_MANY_COLUMNS, 422, "INVALID_ARGUMENT", None, "The file has too many columns."),
    ErrorRow(_C.TOO_LARGE_UNCOMPRESSED, 422, "RESOURCE_EXHAUSTED", None, "The file is too large once unpacked."),
    ErrorRow(_C.BAD_COLUMN_NAME, 422, "INVALID_ARGUMENT", None, "A column name is empty, repeated or too long."),
    ErrorRow(_C.PARSER_CRASH, 422, "INVALID_ARGUMENT", None, "Reading the file failed."),
    ErrorRow(_C.INTERNAL, 500, "INTERNAL", None, "Something went wrong on our side."),
)

ERRORS: Mapping[ErrorCode, ErrorRow] = MappingProxyType({row.code: row for row in _ROWS})

CLOSE_CODES: Mapping[int, str] = MappingProxyType(
    {
        1002: "The bytes do not follow the WebSocket protocol.",
        1003: "This type of frame does not fit the encoding.",
        1007: "A text frame is not valid UTF-8.",
        1009: "A message is larger than 64 KiB.",
        1011: "Something went wrong on our side; reconnect with jitter.",
        1012: "The service restarts; reconnect with jitter.",
        1013: "The service is busy or waits for another one; reconnect with jitter.",
        4400: "Too many messages could not be read.",
        4401: "The token is missing, invalid or expired; refresh it, then reconnect.",
        4403: "Forbidden or revoked; stay away.",
        4408: "No `auth` message came in time.",
        4429: "A limit was passed; reconnect after a while.",
        4430: "The client reads too slowly.",
    }
)


class HalftoneError(Exception):
    """An error that may be shown to a person: a code of the table, the field it is about, and a safe sentence.

    A string that is no code of the table (from a newer peer) becomes `internal`: unknown codes are survivable.
    """

    def __init__(self, code: ErrorCode | str, detail: str = "", field: str = "", retry_after_ms: int = 0) -> None:
        self.code = ErrorCode(code) if code in ERRORS else ErrorCode.INTERNAL
        self.detail = detail or ERRORS[self.code].sentence
        self.field = field
        self.retry_after_ms = retry_after_ms
        super().__init__(f"{self.code}: {self.detail}" + (f" ({field})" if field else ""))

    @property
    def row(self) -> ErrorRow:
        """The statuses of this error on each wire."""
        return ERRORS[self.code]


def problem(error: HalftoneError, request_id: str) -> dict[str, object]:
    """The body of an error answer: `{code, field, detail, request_id}`."""
    return {"code": error.code.value, "field": error.field, "detail": error.detail, "request_id": request_id}
