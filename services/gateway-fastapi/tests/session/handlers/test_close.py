"""Closing views."""

from gateway_rig.rig import Rig
from halftone.v1 import session_pb2 as pb


async def test_a_view_is_closed_once(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        await client.send(close=pb.Close(view_id=1))
        assert (await client.until("closed")).closed.view_id == 1
        await client.send(close=pb.Close(view_id=1))
        error = await client.error()
        assert (error.code, error.field, error.view_id) == ("not_found", "viewId", 1)
