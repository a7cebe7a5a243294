"""The calls of the service: a message is checked against its grant and becomes a job, whose parts become replies."""

from __future__ import annotations

import asyncio
import itertools
import time
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import grpc
from google.protobuf.message import DecodeError, Message
from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.telemetry import tracer, use_traceparent

from halftone_compute import metrics
from halftone_compute.errors import abort, known, new_request_id
from halftone_compute.render.job import MAX_DEADLINE_MS, job_from_fetch, ranked_axes
from halftone_compute.serve.draw import chunks, drawing
from halftone_compute.serve.stream import RenderStream
from halftone_compute.serve.tls import only_gateway

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from halftone_compute.render.shared import RenderPart, SharedScans
    from halftone_compute.serve.draw import Drawing
    from halftone_compute.serve.grants import Grants
    from halftone_compute.serve.rows import RowReads
    from halftone_compute.store.base import OpenVersion, Store

    Context = grpc.aio.ServicerContext[Any, Any]
    Requests = AsyncIterator["compute_pb2.RenderRequest | UndecodableRequest"]

SERVICE = "halftone.v1.Compute"
# gRPC gives a call without a deadline a very distant one.
_NEVER_S = 365 * 86_400.0
RequestT = TypeVar("RequestT", bound=Message)

spans = tracer(__name__)


class UndecodableRequest:
    """Stands for bytes that do not decode; gRPC alone would answer UNKNOWN."""


class Reader(Generic[RequestT]):
    """A request deserializer that never raises."""

    def __init__(self, message: type[RequestT]) -> None:
        self._message = message

    def __call__(self, raw: bytes) -> RequestT | UndecodableRequest:
        try:
            return self._message.FromString(raw)
        except DecodeError:
            return UndecodableRequest()


class ComputeServicer:
    """halftone.v1.Compute."""

    def __init__(
        self, store: Store, grants: Grants, scans: SharedScans, rows: RowReads, *, knows_clients: bool = False
    ) -> None:
        """`knows_clients`: every client has a certificate, which must be a gateway's."""
        self._store = store
        self._grants = grants
        self._scans = scans
        self._rows = rows
        self._knows_clients = knows_clients
        self._stream_ids = itertools.count(1)
        self._fetch_numbers = itertools.count(1)
        self._draining = asyncio.Event()

    def handler(self) -> grpc.GenericRpcHandler:
        """The methods, for `server.add_generic_rpc_handlers`."""
        methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "Render": grpc.stream_stream_rpc_method_handler(
                # Its replies are serialised already.
                self.render,
                Reader(compute_pb2.RenderRequest),
            ),
            "Draw": grpc.unary_stream_rpc_method_handler(
                self.draw, Reader(compute_pb2.DrawRequest), compute_pb2.DrawReply.SerializeToString
            ),
            "Rows": grpc.unary_stream_rpc_method_handler(
                self.rows, Reader(compute_pb2.RowsRequest), compute_pb2.RowsReply.SerializeToString
            ),
            "Describe": grpc.unary_unary_rpc_method_handler(
                self.describe, Reader(compute_pb2.DescribeRequest), compute_pb2.DescribeReply.SerializeToString
            ),
        }
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    def drain(self) -> None:
        """Ends Render streams as soon as their open fetches have their last reply; clients go to another server."""
        self._draining.set()

    async def render(self, requests: Requests, context: Context) -> None:
        stream_id = next(self._stream_ids)

        def run(fetch: compute_pb2.RenderAsk) -> AsyncGenerator[RenderPart]:
            return self._fetched(fetch, stream_id)

        stream = RenderStream(run, context.write)
        metrics.STREAMS.inc()
        try:
            self._admit(context)
            await self._serve(stream, requests)
        except HalftoneError as error:
            await abort(context, error, new_request_id())
        finally:
            stream.close()
            metrics.STREAMS.dec()

    async def _serve(self, stream: RenderStream, requests: Requests) -> None:
        """Reads until the client ends its side, or this server stops; then waits for the open replies."""
        reading = asyncio.create_task(_read(stream, requests))
        draining = asyncio.create_task(self._draining.wait())
        await asyncio.wait((reading, draining), return_when=asyncio.FIRST_COMPLETED)
        draining.cancel()
        stream.drain()
        if reading.done():
            reading.result()
        # Cancelling a read would break the replies; it ends with an error when the call does.
        reading.add_done_callback(_forget)
        await stream.finish()

    async def draw(self, request: compute_pb2.DrawRequest | UndecodableRequest, context: Context) -> None:
        async with _call(context, "Draw"):
            self._admit(context)
            message = _message(request)
            grant = await self._grants.verify(message.grant)
            version = await asyncio.to_thread(self._store.open, grant)
            drawn = drawing(message, grant, version)
            async with aclosing(self._scans.run(drawn.job)) as items:
                async for item in items:
                    for reply in await _replies(drawn, item):
                        await context.write(reply)

    async def rows(self, request: compute_pb2.RowsRequest | UndecodableRequest, context: Context) -> None:
        async with _call(context, "Rows"):
            self._admit(context)
            message = _message(request)
            grant = await self._grants.verify(message.grant)
            version = await asyncio.to_thread(self._store.open, grant)
            for reply in await self._rows.replies(message, grant, version):
                await context.write(reply)

    async def describe(
        self, request: compute_pb2.DescribeRequest | UndecodableRequest, context: Context
    ) -> compute_pb2.DescribeReply:
        async with _call(context, "Describe"):
            self._admit(context)
            message = _message(request)
            grant = await self._grants.verify(message.grant)
            version = await asyncio.to_thread(self._store.open, grant)
            described = _description(message, version)
            if message.ranges:
                described.region.CopyFrom(await self._rows.summary(message, grant, version))
            return described
        raise AssertionError("a failed call is aborted")

    def _admit(self, context: Context) -> None:
        if self._knows_clients:
            only_gateway(context)

    async def _fetched(self, fetch: compute_pb2.RenderAsk, stream_id: int) -> AsyncGenerator[RenderPart]:
        # Taken before anything waits, in the order of the fetches.
        number = next(self._fetch_numbers)
        grant = await self._grants.verify(fetch.grant)
        version = await asyncio.to_thread(self._store.open, grant)
        job = job_from_fetch(fetch, grant, version, stream_id, number)
        async with aclosing(self._scans.run(job)) as items:
            async for item in items:
                yield item


async def _read(stream: RenderStream, requests: Requests) -> None:
    async for request in requests:
        stream.handle(_message(request))


def _forget(reading: asyncio.Task[None]) -> None:
    if not reading.cancelled():
        reading.exception()


def _message(request: RequestT | UndecodableRequest) -> RequestT:
    if isinstance(request, UndecodableRequest):
        raise HalftoneError(ErrorCode.BAD_MESSAGE)
    return request


@asynccontextmanager
async def _call(context: Context, rpc: str) -> AsyncIterator[None]:
    """A call with a deadline of its own, at most 10 s, whose errors become statuses."""
    metrics.REQUESTS.labels(rpc).inc()
    started = time.perf_counter()
    headers = {str(key): value for key, value in context.invocation_metadata() or ()}
    with use_traceparent(str(headers.get("traceparent", ""))), spans.start_as_current_span(rpc.lower()):
        try:
            async with asyncio.timeout(_seconds_left(context)):
                yield
        except Exception as error:
            request_id = new_request_id()
            await abort(context, known(error, request_id), request_id)
    metrics.REQUEST_SECONDS.labels(rpc).observe(time.perf_counter() - started)


def _seconds_left(context: Context) -> float:
    # The stubs leave out that there may be none.
    left = cast("float | None", context.time_remaining())
    if left is None or left > _NEVER_S:
        raise HalftoneError(ErrorCode.PARAM_INVALID, "A deadline is needed.", "deadline")
    return min(left, MAX_DEADLINE_MS / 1000)


async def _replies(drawn: Drawing, item: RenderPart) -> list[compute_pb2.DrawReply]:
    if isinstance(item, frame_pb2.Receipt):
        return [drawn.last(item)]
    if not isinstance(item, list):
        # A drawing is exact.
        return []
    if drawn.format == compute_pb2.DRAW_FORMAT_PIECES:
        return [compute_pb2.DrawReply(piece=frame_pb2.Piece.FromString(encoded.piece)) for encoded in item]
    (whole,) = item
    file = await asyncio.to_thread(drawn.file, whole.piece)
    replies = [compute_pb2.DrawReply(chunk=chunk) for chunk in chunks(file)]
    if ranked_axes(drawn.job.plan):
        piece = frame_pb2.Piece.FromString(whole.piece)
        replies[0].steps.extend(piece.steps)
        replies[0].steps_y.extend(piece.steps_y)
    return replies


def _description(request: compute_pb2.DescribeRequest, version: OpenVersion) -> compute_pb2.DescribeReply:
    names = list(dict.fromkeys(request.columns)) or list(version.columns)
    unknown = [name for name in names if name not in version.columns]
    if unknown:
        raise HalftoneError(ErrorCode.UNKNOWN_COLUMN, field="columns")
    columns = [version.columns[name].to_proto() for name in names]
    return compute_pb2.DescribeReply(rows=version.rows, columns=columns)
