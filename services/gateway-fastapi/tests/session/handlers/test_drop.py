"""Dropping pieces."""

from gateway_rig.rig import Rig
from halftone.v1 import session_pb2 as pb


async def test_a_dropped_piece_is_sent_again_from_the_cache(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open()
        pieces = [piece.piece_id for frame in await client.frame(1) for piece in frame.pieces]
        await client.send(drop=pb.Drop(view_id=1, piece_ids=pieces[:1]))
        await client.send(set=pb.Set(view_id=1, seq=2))
        [frame] = await client.frame(2)
        assert [piece.piece_id for piece in frame.pieces] == pieces[:1]
        assert set(frame.reuse) == set(pieces[1:])
    assert len(rig.compute.asks) == 1


async def test_what_is_no_piece_id_is_refused(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        await client.send(drop=pb.Drop(view_id=1, piece_ids=[b"x"]))
        error = await client.error()
        assert (error.code, error.field) == ("param_invalid", "pieceIds")
