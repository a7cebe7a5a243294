"""What carrying a frame of 20 tiles costs, whatever its rows: `python -m bench.frame_cost`.

First a gateway that has the tiles in its cache, in both encodings: from the message of a client to the bytes of the
frame; `serialised` is the part from the assembled frame to its bytes. Then tiles that compute has just encoded: to the
bytes of its replies, and in the gateway from these to pieces. One process, no socket. Normal data: counts, and means of
noise, whose sums need eight bytes a cell. Milliseconds of processor time: other work on the machine matters less then.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import count

import numpy as np
from google.protobuf import json_format
from halftone.v1 import compute_pb2, frame_pb2, session_pb2
from halftone_compute.serve.replies import piece_replies
from halftone_gateway.access.granted import GrantedVersion
from halftone_gateway.compute.dial import Dialer
from halftone_gateway.compute.pool import Pool
from halftone_gateway.delivery.codec import JSON, PROTO, codecs
from halftone_gateway.limits import SocketLimits
from halftone_gateway.pieces.broker import Broker
from halftone_gateway.pieces.cache import PieceCache
from halftone_gateway.pieces.frame_request import FrameRequest, SerialisedPiece
from halftone_gateway.session.effects import Effects, RequestFrame, SendFrame
from halftone_gateway.session.frame_wait import FrameWait
from halftone_gateway.session.session import Session
from halftone_servicekit.allocator import keep_freed_memory
from halftone_servicekit.tokens import AccessClaims, Grant
from halftone_views import ColumnInfo, Table
from halftone_views.lattice import TILE
from halftone_wire import Plane, encode, piece_bytes

COLUMNS, ROWS = 5, 4
POINTS = 10_000_000
FAR = 1e9
OPTIONS: dict[str, dict[str, str]] = {
    "count": {"x": "x", "y": "y"},
    "mean": {"x": "x", "y": "y", "reduction": "mean", "value": "z"},
}
VIEWPORT = frame_pb2.Viewport(
    extent=frame_pb2.Extent(x0=0, x1=COLUMNS * TILE, y0=0, y1=ROWS * TILE), width=COLUMNS * TILE, height=ROWS * TILE
)


def granted() -> GrantedVersion:
    """The right to see a table of three columns."""
    names = ("x", "y", "z")
    columns = [ColumnInfo(name, "number", "int32", min=0, max=1280, typical_min=0, typical_max=1280) for name in names]
    grant = Grant("ann", "rows", "v1", "manifest.json", frozenset("*"), "0" * 64, "view", FAR)
    version = session_pb2.Version(version_id="v1", number=1, rows=POINTS)
    return GrantedVersion("grant", grant, version, Table.of("v1", POINTS, columns), FAR, FAR)


def grids(name: str) -> list[Plane]:
    """The planes of all tiles together."""
    rng = np.random.default_rng(1)
    width, height = COLUMNS * TILE, ROWS * TILE
    x = np.clip(rng.normal(width / 2, width / 6, POINTS), 0, width - 1).astype(np.int64)
    y = np.clip(rng.normal(height / 2, height / 6, POINTS), 0, height - 1).astype(np.int64)
    counts = np.bincount(y * width + x, minlength=width * height).reshape(height, width)
    planes = [Plane(frame_pb2.PLANE_ROLE_COUNT, counts)]
    if name == "mean":
        sums = rng.normal(size=counts.shape) * counts
        planes += [Plane(frame_pb2.PLANE_ROLE_VALID, counts), Plane(frame_pb2.PLANE_ROLE_SUM, sums)]
    return planes


def pieces(request: RequestFrame, planes: list[Plane]) -> Iterator[SerialisedPiece]:
    """What compute would answer."""
    resolved = request.resolved
    for piece_id, address in zip(resolved.piece_ids, resolved.addresses or (), strict=True):
        left, low = address.ix * TILE, address.iy * TILE
        cut = [Plane(plane.role, plane.cells[low : low + TILE, left : left + TILE]) for plane in planes]
        serialised = [encode(plane, pack=True).SerializeToString() for plane in cut]
        extent = (float(left), float(left + TILE), float(low), float(low + TILE))
        yield piece_id, piece_bytes(piece_id, extent, TILE, TILE, serialised, address.to_proto())


class Socket:
    """A socket's session before a real broker, whose cache has every piece of the view: compute is never asked."""

    def __init__(self, encoding: str, name: str) -> None:
        # Of the last frame: seconds from its pieces to bytes, and how many characters were made.
        self.serialised, self.size = 0.0, 0
        self._seq = count(1)
        self._session = Session("s", SocketLimits(), 0.0, has_origin=False)
        self._session.authenticated(AccessClaims("ann", "s", "t", "api", 1, FAR, {}), FAR)
        cache = PieceCache(1 << 30)
        self._codec = codecs(cache)[encoding]
        self._broker = Broker(cache, None, Pool(Dialer(), 1.0, lambda: None), 1000)
        opening = session_pb2.Open(view_id=1, seq=next(self._seq), dataset="rows", kind="points", viewport=VIEWPORT)
        opening.options.update(OPTIONS[name])
        self._session.open(opening)
        opened = self._session.granted(1, 1, granted())
        (request,) = [effect for effect in opened if isinstance(effect, RequestFrame)]
        self.pieces = dict(pieces(request, grids(name)))
        for piece_id, piece in self.pieces.items():
            cache.put(piece_id, FrameRequest(request.granted, request.resolved, (), "").scope, piece)
        self._apply(opened)

    @property
    def tiles(self) -> int:
        return len(self.pieces)

    def frame(self) -> float:
        """Processor seconds from a message to its frame. The client has shown the frame before, and holds nothing."""
        seq = next(self._seq)
        self._session.shown(session_pb2.Shown(view_id=1, seq=seq - 1))
        self._session.drop(session_pb2.Drop(view_id=1, piece_ids=self.pieces))
        message = session_pb2.ClientMessage(set=session_pb2.Set(view_id=1, seq=seq, viewport=VIEWPORT))
        data = json_format.MessageToJson(message) if not self._codec.binary else message.SerializeToString()
        self.serialised, self.size = 0.0, 0
        started = time.thread_time()
        # A second later each time, so that the session never waits.
        self._apply(self._session.set(self._codec.decode(data).set, float(seq)))
        return time.thread_time() - started

    def _apply(self, effects: Effects) -> None:
        for effect in effects:
            if isinstance(effect, RequestFrame):
                FrameWait(effect, self._session, self._apply, lambda request_id: None).start(self._broker)
            elif isinstance(effect, SendFrame):
                started = time.thread_time()
                self.size += len(self._codec.encode_frame(effect.frame))
                self.serialised += time.thread_time() - started


def measure_frame(socket: Socket, rounds: int) -> str:
    """One line of the first table. The first frame may fill caches and does not count."""
    socket.frame()
    spent = [(socket.frame(), socket.serialised) for _ in range(rounds)]
    whole, serialised = ([seconds * 1e3 for seconds in series] for series in zip(*spent, strict=True))
    p95 = statistics.quantiles(whole, n=20, method="inclusive")[-1]
    p50, part = statistics.median(whole), statistics.median(serialised)
    return f"{socket.tiles:>6}{socket.size:>12,}{p50:>10.2f}{p95:>10.2f}{part:>12.2f}"


def measure_replies(socket: Socket, rounds: int) -> str:
    """One line of the second table."""
    encoded = [compute_pb2.EncodedPiece(piece_id=piece_id, piece=piece) for piece_id, piece in socket.pieces.items()]
    replies = list(piece_replies(1, encoded))
    joined = median_ms(lambda: list(piece_replies(1, encoded)), rounds)
    read = median_ms(lambda: [taken(compute_pb2.RenderReply.FromString(reply)) for reply in replies], rounds)
    return f"{len(encoded):>6}{sum(map(len, replies)):>12,}{joined:>10.2f}{read:>10.2f}"


def taken(reply: compute_pb2.RenderReply) -> list[SerialisedPiece]:
    """The pieces of a reply as a gateway keeps them."""
    return [(piece.piece_id, piece.piece) for piece in reply.pieces.pieces]


def median_ms(work: Callable[[], object], rounds: int) -> float:
    spent = []
    for _ in range(rounds):
        started = time.thread_time()
        work()
        spent.append(time.thread_time() - started)
    return statistics.median(spent) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.frame_cost", description="What carrying a frame costs.")
    parser.add_argument("--rounds", type=int, default=100)
    rounds = parser.parse_args().rounds
    # As the services do when they start.
    keep_freed_memory()
    print(f"{'':26}{'tiles':>6}{'size':>12}{'p50 ms':>10}{'p95 ms':>10}{'serialised':>12}")
    for name in OPTIONS:
        for encoding in (PROTO, JSON):
            print(f"{name:8}{encoding:18}{measure_frame(Socket(encoding, name), rounds)}")
    print(f"\n{'':26}{'tiles':>6}{'size':>12}{'replies':>10}{'read':>10}")
    for name in OPTIONS:
        print(f"{name:26}{measure_replies(Socket(PROTO, name), rounds)}")


if __name__ == "__main__":
    main()
