"""The parameter message."""

from gateway_rig.client import struct, viewport
from gateway_rig.rig import Rig
from halftone.v1 import session_pb2 as pb


async def test_a_refused_change_leaves_the_view_as_it_was(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        for seq, changes, code, field in (
            (2, {"options": struct({"x": "altitude"})}, "unknown_column", "x"),
            (3, {"options": struct({"reduction": "mean"})}, "param_invalid", "value"),
            (4, {"options": struct({"x": True})}, "param_invalid", "x"),
            (5, {"viewport": viewport(2, 1, 0, 1)}, "param_invalid", "viewport.x0"),
        ):
            await client.send(set=pb.Set(view_id=1, seq=seq, **changes))
            error = await client.error()
            assert (error.code, error.field, error.seq) == (code, field, seq)
        await client.send(set=pb.Set(view_id=1, seq=6))
        [frame] = await client.frame(6)
        assert len(frame.reuse) == 4


async def test_options_are_merged(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        await client.send(set=pb.Set(view_id=1, seq=2, options=struct({"reduction": "mean", "value": "delay"})))
        await client.frame(2)
        await client.send(shown=pb.Shown(view_id=1, seq=2))
        await client.send(set=pb.Set(view_id=1, seq=3, options=struct({"x": "delay", "y": "distance"})))
        await client.frame(3)
    plan = rig.compute.asks[-1].plan
    assert (plan.x.column, plan.value) == ("delay", "delay")
