"""Credits; that frames wait for them is in test_connection."""

from gateway_rig.rig import Rig
from halftone.v1 import session_pb2 as pb


async def test_a_frame_of_the_future_cannot_be_shown(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        await client.send(shown=pb.Shown(view_id=1, seq=1))
        await client.send(shown=pb.Shown(view_id=1, seq=1))
        await client.send(shown=pb.Shown(view_id=1, seq=2))
        error = await client.error()
        assert (error.code, error.seq, error.field) == ("bad_seq", 2, "seq")
