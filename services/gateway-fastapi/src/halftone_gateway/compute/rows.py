"""One page of rows from the compute service that a key prefers, and from another one if that fails."""

import asyncio
import urllib.parse
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol

import grpc
import grpc.aio
from halftone.v1.compute_pb2 import RowsEnd, RowsRequest
from halftone.v1.compute_pb2_grpc import ComputeStub
from halftone.v1.rows_pb2 import Row
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_gateway.metrics import ROW_PAGES

# Not given to a third service when two failed.
_ATTEMPTS: Final = 2
# Another service may do better.
_ELSEWHERE: Final = (ErrorCode.COMPUTE_UNAVAILABLE, ErrorCode.OVERLOADED)
_STATUSES: Final = {
    grpc.StatusCode.DEADLINE_EXCEEDED: ErrorCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.UNAVAILABLE: ErrorCode.COMPUTE_UNAVAILABLE,
    # A server that stops cancels what takes too long.
    grpc.StatusCode.CANCELLED: ErrorCode.COMPUTE_UNAVAILABLE,
    grpc.StatusCode.UNIMPLEMENTED: ErrorCode.COMPUTE_UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class RowsFetched:
    """A page: its rows, and what the last reply says of all pages."""

    rows: list[Row]
    end: RowsEnd


class Channels(Protocol):
    def channel(self, key: str, excluding: Collection[str]) -> tuple[str, grpc.aio.Channel] | None:
        """A service that takes requests, the one that the key prefers, and the channel to it."""


async def fetch_rows(channels: Channels, request: RowsRequest, key: str, deadline_s: float) -> RowsFetched:
    """Cancelling ends the work of compute. Raises the HalftoneError of compute; `compute_unavailable` while no service
    takes requests.
    """
    until = asyncio.get_running_loop().time() + deadline_s
    tried: list[str] = []
    while True:
        found = channels.channel(key, tried)
        if found is None:
            raise HalftoneError(ErrorCode.COMPUTE_UNAVAILABLE)
        target, channel = found
        tried.append(target)
        try:
            fetched = await _fetch(channel, request, until - asyncio.get_running_loop().time())
        except HalftoneError as error:
            ROW_PAGES.labels(error.code.value).inc()
            has_more = len(tried) < _ATTEMPTS and channels.channel(key, tried) is not None
            if error.code not in _ELSEWHERE or not has_more:
                raise
        else:
            ROW_PAGES.labels("done").inc()
            return fetched


async def _fetch(channel: grpc.aio.Channel, request: RowsRequest, seconds: float) -> RowsFetched:
    call = ComputeStub(channel).Rows(request, timeout=max(seconds, 0.0))
    rows: list[Row] = []
    end = RowsEnd()
    try:
        async for reply in call:
            rows.extend(reply.cells.rows)
            if reply.HasField("end"):
                end = reply.end
    except grpc.aio.AioRpcError as error:
        raise refusal(error) from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # The channel was closed: the stream to this service broke.
        raise HalftoneError(ErrorCode.COMPUTE_UNAVAILABLE) from error
    finally:
        call.cancel()
    return RowsFetched(rows, end)


def refusal(error: grpc.aio.AioRpcError) -> HalftoneError:
    """The error of compute, out of the status and the trailing metadata of its call."""
    said = {key: str(value) for key, value in error.trailing_metadata() or ()}
    try:
        code = ErrorCode(said["halftone-code"])
    except (KeyError, ValueError):
        return HalftoneError(_STATUSES.get(error.code(), ErrorCode.INTERNAL))
    field = urllib.parse.unquote(said.get("halftone-field", ""))
    wait = said.get("grpc-retry-pushback-ms", "0")
    return HalftoneError(code, error.details() or "", field, int(wait) if wait.isdecimal() else 0)
