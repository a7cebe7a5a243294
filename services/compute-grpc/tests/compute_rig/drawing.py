"""Pictures that a server draws by `Draw`, as messages and as files."""

from typing import Any

from google.protobuf.struct_pb2 import Struct
from halftone.v1 import compute_pb2, compute_pb2_grpc

from compute_rig.rig import Serving
from compute_rig.waiting import PATIENCE_S


def draw_request(serving: Serving, form: str, options: dict[str, Any], **fields: Any) -> compute_pb2.DrawRequest:  # noqa: ANN401 - passed on
    """Of points, in one of the forms of `DrawFormat`, for the person of the server's own grant; `fields` are others."""
    given = Struct()
    given.update(options)
    known = {"grant": serving.signer.grant(), "kind": "points", **fields}
    return compute_pb2.DrawRequest(options=given, format=compute_pb2.DrawFormat.Value(f"DRAW_FORMAT_{form}"), **known)


async def drawn(serving: Serving, message: compute_pb2.DrawRequest) -> list[compute_pb2.DrawReply]:
    stub = compute_pb2_grpc.ComputeStub(serving.channel)
    return [reply async for reply in stub.Draw(message, timeout=PATIENCE_S)]


def file_of(replies: list[compute_pb2.DrawReply]) -> bytes:
    """The file out of its chunks."""
    assert replies[-1].WhichOneof("reply") == "receipt"
    assert all(0 < len(reply.chunk) <= 1 << 20 for reply in replies[:-1])
    return b"".join(reply.chunk for reply in replies)
