"""Picks over a real socket, in both encodings."""

import pytest
from gateway_rig.client import JSON, PROTO
from gateway_rig.rig import Rig
from gateway_rig.waiting import eventually
from halftone.v1 import compute_pb2
from halftone.v1 import session_pb2 as pb
from halftone.v1.frame_pb2 import Extent


@pytest.mark.parametrize("subprotocol", [PROTO, JSON])
async def test_a_pick_is_answered_with_a_page(rig: Rig, subprotocol: str) -> None:
    async with rig.client(subprotocol) as client:
        await client.open()
        await client.frame(1)
        region = Extent(x0=1, x1=2, y0=3, y1=4)
        await client.send(pick_rows=pb.PickRows(view_id=1, pick_id=8, region=region, columns=["delay"], offset=3))
        page = (await client.until("row_page")).row_page
        assert (page.view_id, page.pick_id, page.matching, page.offset) == (1, 8, 7, 3)
        # More than a float64 holds.
        assert [row.cells[0].integer for row in page.rows] == [2**63 - 1] * 2
        assert [column.name for column in page.columns] == ["delay"]
        [asked] = rig.compute.rows_asked
        assert [(each.low, each.high) for each in asked.ranges] == [(1, 2), (3, 4)]


async def test_what_compute_refuses_is_said(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        rig.compute.failure = compute_pb2.Failure(code="param_out_of_range", field="nearest.reach", detail="too far")
        pointer = pb.Pointer(x=1, y=1, x_pixel=1, y_pixel=1, reach=65)
        await client.send(pick_rows=pb.PickRows(view_id=1, pick_id=9, pointer=pointer))
        error = await client.error()
        assert (error.code, error.field, error.detail) == ("param_out_of_range", "pointer.reach", "too far")
        assert (error.view_id, error.pick_id) == (1, 9)


async def test_a_newer_pick_cancels_the_one_under_way(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        rig.compute.gate.clear()
        await client.send(pick_rows=pb.PickRows(view_id=1, pick_id=1))
        await eventually(lambda: len(rig.compute.rows_asked) == 1)
        await client.send(pick_rows=pb.PickRows(view_id=1, pick_id=2))
        await eventually(lambda: rig.compute.rows_cancelled == 1)
        await eventually(lambda: len(rig.compute.rows_asked) == 2)
        await client.send(close=pb.Close(view_id=1))
        await eventually(lambda: rig.compute.rows_cancelled == 2)


async def test_without_compute_a_pick_fails_at_once(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        await rig.compute.stop()
        await eventually(lambda: rig.gateway.pool.connected == 0)
        await client.send(pick_rows=pb.PickRows(view_id=1, pick_id=1))
        error = await client.error()
        assert (error.code, error.pick_id) == ("compute_unavailable", 1)
