"""The process that reads one file: `python -m halftone_compute.ingest.sandbox.child <descriptor>`.

The request comes as JSON on stdin; progress and the outcome leave as JSON lines on the descriptor.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import traceback
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TextIO

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.sandbox.confine import ChildLimits, confine
from halftone_compute.ingest.sandbox.messages import ConvertRequest, OrderRequest, PreviewRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from halftone_compute.ingest.sandbox.messages import Progress

_OS_ERRORS = {
    errno.ENOSPC: ErrorCode.NO_SPACE,
    errno.EDQUOT: ErrorCode.NO_SPACE,
    errno.EFBIG: ErrorCode.TOO_LARGE_UNCOMPRESSED,
}


def main() -> None:
    with os.fdopen(int(sys.argv[1]), "w", encoding="utf-8") as channel:
        fields = json.load(sys.stdin)
        is_isolated = confine(ChildLimits(**fields.pop("limits")), fields.pop("parent"))
        _send(channel, {"network": not is_isolated})
        try:
            done = _TASKS[fields.pop("task")](fields, channel)
        except HalftoneError as error:
            _send_error(channel, error)
        except MemoryError:
            _send_error(
                channel,
                HalftoneError(ErrorCode.TOO_LARGE_UNCOMPRESSED, "Reading the file needs more memory than is allowed."),
            )
        except OSError as error:
            traceback.print_exc()
            _send_error(channel, HalftoneError(_OS_ERRORS.get(error.errno or 0, ErrorCode.INTERNAL)))
        else:
            _send(channel, {"done": done})


def _convert(fields: dict[str, Any], channel: TextIO) -> dict[str, object]:
    # Imported here: the limits must be set before the parsers and their threads are loaded.
    from halftone_compute.ingest.sandbox.convert import convert

    convert(ConvertRequest(**_with_paths(fields)), _reporter(channel))
    return {}


def _preview(fields: dict[str, Any], channel: TextIO) -> dict[str, object]:
    from halftone_compute.ingest.sandbox.preview import preview

    return preview(PreviewRequest(**_with_paths(fields)), _reporter(channel))


def _order(fields: dict[str, Any], channel: TextIO) -> dict[str, object]:
    from halftone_compute.ingest.sandbox.order import order

    order(OrderRequest(**_with_paths(fields)), _reporter(channel))
    return {}


_TASKS: Mapping[str, Callable[[dict[str, Any], TextIO], dict[str, object]]] = MappingProxyType(
    {"convert": _convert, "preview": _preview, "order": _order}
)


def _with_paths(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, **{name: Path(fields[name]) for name in ("source", "folder") if name in fields}}


def _reporter(channel: TextIO) -> Callable[[Progress], None]:
    return lambda progress: _send(channel, {"progress": progress.as_json()})


def _send_error(channel: TextIO, error: HalftoneError) -> None:
    _send(channel, {"error": {"code": error.code.value, "detail": error.detail, "field": error.field}})


def _send(channel: TextIO, message: dict[str, object]) -> None:
    channel.write(json.dumps(message) + "\n")
    channel.flush()


if __name__ == "__main__":
    main()
