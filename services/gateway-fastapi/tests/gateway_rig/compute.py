"""A compute service that draws nothing: it answers every request with pieces of one filled cell."""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc
import grpc.aio
import jwt
from halftone.v1 import compute_pb2 as pb
from halftone.v1 import compute_pb2_grpc, frame_pb2, rows_pb2
from halftone_servicekit.testing_servers import held_port
from halftone_views import Address, extent_of, piece_id
from halftone_views.lattice import Viewport
from typing_extensions import override


def sample_id(piece_id: bytes) -> bytes:
    """The id of the piece of a sample that stands for the one with this id."""
    return bytes(255 - byte for byte in piece_id)


@dataclass
class ComputeServer(compute_pb2_grpc.ComputeServicer):
    """`gate` holds answers back while it is clear; `failure` is given in place of pieces when set."""

    asks: list[pb.RenderAsk] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    failure: pb.Failure | None = None
    # In place of `failure`, for answers that differ.
    answer: Callable[[], pb.Failure] | None = None
    # Why something slower than what is preferred makes its pieces.
    degraded: str = ""
    # None: as compute services of earlier releases, which do not say.
    unplaced: frame_pb2.Unplaced | None = None
    bytes_per_piece: int = 64
    rows_asked: list[pb.RowsRequest] = field(default_factory=list)
    rows_cancelled: int = 0
    # Where it is asked for, pieces of a sample of this share come first, whatever the gate; 0: none do.
    fraction: float = 0.0
    # And these shares of the work.
    shares: tuple[float, ...] = ()
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    credentials: grpc.ServerCredentials | None = None
    _server: grpc.aio.Server | None = None
    _streams: "list[asyncio.Queue[pb.RenderReply | None]]" = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.port}"

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["ComputeServer"]:
        # While it is stopped, nobody else gets its port.
        with held_port() as place:
            self.port = place.getsockname()[1]
            await self.start()
            try:
                yield self
            finally:
                await self.stop()

    @property
    def running(self) -> bool:
        return self._server is not None

    @property
    def streams(self) -> int:
        """How many streams have reached it and can be ended."""
        return len(self._streams)

    async def start(self) -> None:
        """Starts, on the port it had before."""
        options = [("grpc.max_send_message_length", -1)]
        self._server = grpc.aio.server(options=options)
        compute_pb2_grpc.add_ComputeServicer_to_server(self, self._server)
        address = f"127.0.0.1:{self.port}"
        if self.credentials is None:
            self.port = self._server.add_insecure_port(address)
        else:
            self.port = self._server.add_secure_port(address, self.credentials)
        await self._server.start()

    async def stop(self) -> None:
        """Ends every stream at once, as a killed process does."""
        if self._server:
            await self._server.stop(None)
            self._server = None

    def end_streams(self) -> None:
        """Ends every open stream in good order, as a service that stops does."""
        for replies in self._streams:
            replies.put_nowait(None)
        self._streams.clear()

    @override
    async def Render(
        self,
        request_iterator: AsyncIterator[pb.RenderRequest],
        context: "grpc.aio.ServicerContext[pb.RenderRequest, pb.RenderReply]",
    ) -> AsyncIterator[pb.RenderReply]:
        replies: asyncio.Queue[pb.RenderReply | None] = asyncio.Queue()
        self._streams.append(replies)
        tasks: dict[int, asyncio.Task[None]] = {}
        reader = asyncio.create_task(self._read(request_iterator, replies, tasks))
        try:
            while (reply := await replies.get()) is not None:
                yield reply
        finally:
            for task in [reader, *tasks.values()]:
                task.cancel()

    @override
    async def Rows(
        self, request: pb.RowsRequest, context: "grpc.aio.ServicerContext[pb.RowsRequest, pb.RowsReply]"
    ) -> AsyncIterator[pb.RowsReply]:
        self.rows_asked.append(request)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.rows_cancelled += 1
            raise
        if (failure := self.failure) is not None:
            said = (("halftone-code", failure.code), ("halftone-field", failure.field))
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, failure.detail, said)
        for number in range(2):
            row = rows_pb2.Row(number=number, cells=[rows_pb2.Cell(integer=2**63 - 1)])
            yield pb.RowsReply(cells=rows_pb2.RowCells(rows=[row]))
        yield pb.RowsReply(end=pb.RowsEnd(matching=7, receipt=frame_pb2.Receipt(rows_scanned=3)))

    @override
    def Draw(self, request: pb.DrawRequest, context: object) -> AsyncIterator[pb.DrawReply]:
        raise NotImplementedError("the gateway never draws")

    @override
    def Describe(self, request: pb.DescribeRequest, context: object) -> Awaitable[pb.DescribeReply]:
        raise NotImplementedError("the gateway never describes")

    async def _read(
        self,
        requests: AsyncIterator[pb.RenderRequest],
        replies: "asyncio.Queue[pb.RenderReply | None]",
        tasks: "dict[int, asyncio.Task[None]]",
    ) -> None:
        async for request in requests:
            if request.HasField("cancel"):
                self.cancelled.append(request.cancel.request_id)
                tasks[request.cancel.request_id].cancel()
                continue
            self.asks.append(request.ask)
            tasks[request.ask.request_id] = asyncio.create_task(self._answer(request.ask, replies))

    async def _answer(self, ask: pb.RenderAsk, replies: "asyncio.Queue[pb.RenderReply | None]") -> None:
        if ask.approximate:
            await self._answer_first(ask, replies)
        await self.gate.wait()
        failure = self.answer() if self.answer else self.failure
        if failure is not None:
            await replies.put(pb.RenderReply(request_id=ask.request_id, failure=failure))
            return
        for encoded in self.pieces(ask):
            pieces = pb.RenderPieces(pieces=[encoded])
            await replies.put(pb.RenderReply(request_id=ask.request_id, pieces=pieces))
        receipt = frame_pb2.Receipt(
            backend="rig",
            engine_revision=1,
            rows_scanned=3,
            stages=[frame_pb2.Stage(name="scan", ms=1.5)],
            fraction=1.0,
            degraded=self.degraded,
            unplaced=self.unplaced,
        )
        await replies.put(pb.RenderReply(request_id=ask.request_id, done=receipt))

    async def _answer_first(self, ask: pb.RenderAsk, replies: "asyncio.Queue[pb.RenderReply | None]") -> None:
        if self.fraction:
            sampled = pb.SampledPieces(fraction=self.fraction)
            for encoded in self.pieces(ask):
                piece = frame_pb2.Piece.FromString(encoded.piece)
                piece.piece_id, piece.fraction = sample_id(encoded.piece_id), self.fraction
                own = piece.SerializeToString()
                sampled.pieces.add(stands_for=encoded.piece_id, piece_id=piece.piece_id, piece=own)
            await replies.put(pb.RenderReply(request_id=ask.request_id, sampled=sampled))
        for share in self.shares:
            progress = pb.RenderProgress(share=share)
            await replies.put(pb.RenderReply(request_id=ask.request_id, progress=progress))

    def pieces(self, ask: pb.RenderAsk) -> list[pb.EncodedPiece]:
        """The pieces of an ask, tile by tile or the whole viewport."""
        claims = jwt.decode(ask.grant, options={"verify_signature": False})
        places: list[Address | Viewport] = [Address.from_proto(tile) for tile in ask.tiles]
        if ask.HasField("whole"):
            view = ask.whole
            extent = (view.extent.x0, view.extent.x1, view.extent.y0, view.extent.y1)
            places = [Viewport(*extent, view.width, view.height, True)]
        return [self._piece(ask.plan, claims["version"], place, claims["policy_hash"]) for place in places]

    def _piece(self, plan: pb.Plan, version: str, place: Address | Viewport, policy: str) -> pb.EncodedPiece:
        name = piece_id(plan, version, place, policy)
        is_tile = isinstance(place, Address)
        x0, x1, y0, y1 = extent_of(place) if isinstance(place, Address) else place.extent
        cells = struct.pack("<II", 0, 7)
        plane = frame_pb2.Plane(
            role=frame_pb2.PLANE_ROLE_COUNT, dtype=frame_pb2.DTYPE_U32, codec=frame_pb2.CODEC_SPARSE, data=cells
        )
        piece = frame_pb2.Piece(
            piece_id=name,
            extent=frame_pb2.Extent(x0=x0, x1=x1, y0=y0, y1=y1),
            width=256 if is_tile else place.width,  # type: ignore[union-attr]  # a viewport when it is no tile
            height=256 if is_tile else place.height,  # type: ignore[union-attr]  # a viewport when it is no tile
            planes=[plane],
        )
        if isinstance(place, Address):
            piece.address.CopyFrom(place.to_proto())
        padding = frame_pb2.Plane(data=bytes(self.bytes_per_piece))
        if self.bytes_per_piece > 64:
            piece.planes.append(padding)
        return pb.EncodedPiece(piece_id=name, piece=piece.SerializeToString())
