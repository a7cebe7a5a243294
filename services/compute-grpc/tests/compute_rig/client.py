"""A client of the compute service, and plans for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from halftone.v1 import compute_pb2, compute_pb2_grpc, frame_pb2
from halftone_compute.render import job
from halftone_wire.planes import decode

if TYPE_CHECKING:
    from collections.abc import Iterable

    import grpc
    import numpy as np

POINTS = compute_pb2.Plan(
    glyph=compute_pb2.GLYPH_POINTS,
    x=compute_pb2.Axis(column="x", transform=compute_pb2.TRANSFORM_LINEAR),
    y=compute_pb2.Axis(column="y", transform=compute_pb2.TRANSFORM_LINEAR),
    aggregate=compute_pb2.AGGREGATE_COUNT,
)


def plan(**changes: Any) -> compute_pb2.Plan:  # noqa: ANN401 - passed on as they are
    """Points of x and y, counted, with some fields changed."""
    changed = compute_pb2.Plan()
    changed.CopyFrom(POINTS)
    changed.MergeFrom(compute_pb2.Plan(**changes))
    return changed


def tiles(*places: tuple[int, int], ex: int = -8, ey: int = -8) -> list[frame_pb2.TileAddress]:
    return [frame_pb2.TileAddress(ex=ex, ix=ix, ey=ey, iy=iy) for ix, iy in places]


@dataclass
class Answered:
    """Everything that came back for one request id."""

    pieces: list[frame_pb2.Piece] = field(default_factory=list)
    done: frame_pb2.Receipt | None = None
    failure: compute_pb2.Failure | None = None
    sampled: list[compute_pb2.SampledPieces] = field(default_factory=list)
    progress: list[float] = field(default_factory=list)
    # The sort of each reply.
    order: list[str | None] = field(default_factory=list)

    def grid(self, index: int = 0, plane: int = 0) -> np.ndarray:
        piece = self.pieces[index]
        return decode(piece.planes[plane], piece.width, piece.height)


class RenderClient:
    """One Render stream."""

    def __init__(self, channel: grpc.aio.Channel, grant: str) -> None:
        self.call = compute_pb2_grpc.ComputeStub(channel).Render()
        self.grant = grant
        self._answers: dict[int, Answered] = {}

    async def ask(self, request_id: int, **changes: Any) -> None:  # noqa: ANN401 - passed on as they are
        fields = {
            "deadline_ms": job.MAX_DEADLINE_MS,
            "grant": self.grant,
            "plan": POINTS,
            "tiles": tiles((0, 0)),
            **changes,
        }
        ask = compute_pb2.RenderAsk(request_id=request_id, **{k: v for k, v in fields.items() if v is not None})
        await self.call.write(compute_pb2.RenderRequest(ask=ask))

    async def cancel(self, request_id: int) -> None:
        await self.call.write(compute_pb2.RenderRequest(cancel=compute_pb2.RenderCancel(request_id=request_id)))

    async def answer(self, request_id: int) -> Answered:
        """Reads until this request has its last reply; what comes for others is kept."""
        while not (self._of(request_id).done or self._of(request_id).failure):
            reply = await self.call.read()
            assert isinstance(reply, compute_pb2.RenderReply), f"the stream ended: {reply}"
            self._take(reply)
        return self._answers.pop(request_id)

    async def run(self, request_id: int, **changes: Any) -> Answered:  # noqa: ANN401 - passed on as they are
        await self.ask(request_id, **changes)
        return await self.answer(request_id)

    def _of(self, request_id: int) -> Answered:
        return self._answers.setdefault(request_id, Answered())

    def _take(self, reply: compute_pb2.RenderReply) -> None:
        answered = self._of(reply.request_id)
        answered.order.append(reply.WhichOneof("reply"))
        match reply.WhichOneof("reply"):
            case "sampled":
                answered.sampled.append(reply.sampled)
            case "progress":
                answered.progress.append(reply.progress.share)
            case "pieces":
                answered.pieces += [frame_pb2.Piece.FromString(piece.piece) for piece in reply.pieces.pieces]
            case "done":
                answered.done = reply.done
            case "failure":
                answered.failure = reply.failure


def code_in(trailing: Iterable[tuple[str, str | bytes]] | None) -> str:
    """The code of the shared error table that a failed call carries."""
    return str(dict(trailing or ())["halftone-code"])
