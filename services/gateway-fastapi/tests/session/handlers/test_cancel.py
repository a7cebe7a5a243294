"""Cancel; that it reaches compute is in test_connection."""

from gateway_rig.rig import Rig
from halftone.v1 import session_pb2 as pb


async def test_a_frame_that_was_sent_cannot_be_cancelled_and_one_of_the_future_neither(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        await client.send(cancel=pb.Cancel(view_id=1, seq=1))
        await client.send(cancel=pb.Cancel(view_id=1, seq=2))
        error = await client.error()
        assert (error.code, error.seq) == ("bad_seq", 2)
