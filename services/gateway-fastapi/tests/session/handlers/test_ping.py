"""Ping."""

from gateway_rig.rig import Rig
from halftone.v1 import session_pb2 as pb


async def test_a_ping_is_answered(rig: Rig) -> None:
    async with rig.client() as client:
        await client.send(ping=pb.Ping())
        assert (await client.recv()).HasField("pong")
