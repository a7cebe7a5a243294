"""Opening views; refusals are in routes/test_socket."""

import pytest
from gateway_rig.auth import uuid_of
from gateway_rig.client import JSON, PROTO
from gateway_rig.rig import Rig
from halftone.v1 import compute_pb2, frame_pb2
from halftone.v1 import session_pb2 as pb


async def test_a_view_may_stay_on_a_version(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open(version_id=uuid_of("flights/7"))
        assert (await client.until("opened")).opened.version.version_id == uuid_of("flights/7")


async def test_opening_an_id_again_replaces_the_view(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open(seq=5)
        await client.frame(5)
        await client.open(seq=1, kind="histogram", options={"x": "delay"})
        opened = (await client.until("opened")).opened
        assert (opened.seq, opened.options["x"]) == (1, "delay")
        frames = await client.frame(1)
        assert frames[-1].pieces


async def test_what_is_left_out_is_chosen(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open(options={})
        opened = (await client.until("opened")).opened
        assert (opened.options["x"], opened.options["y"]) == ("distance", "delay")


@pytest.mark.parametrize("subprotocol", [PROTO, JSON])
async def test_opened_and_every_frame_say_what_the_picture_shows(rig: Rig, subprotocol: str) -> None:
    async with rig.client(subprotocol) as client:
        await client.open(options={"x": "distance", "y": "delay", "reduction": "mean", "value": "delay"})
        opened = (await client.until("opened")).opened
        frames = await client.frame(1)
    assert len(frames) > 1
    both: list[pb.Opened | pb.Frame] = [opened, *frames]
    for shown in both:
        assert shown.quantity.label == "Mean of delay"
        assert shown.quantity.finisher == frame_pb2.FINISHER_RATIO
        assert [*shown.quantity.planes] == [frame_pb2.PLANE_ROLE_SUM]
        assert (shown.quantity.value, shown.quantity.within_value) == ("delay", True)
        assert shown.x.type == compute_pb2.COLUMN_TYPE_NUMBER
        assert (shown.x.column, shown.y.column) == ("distance", "delay")


@pytest.mark.parametrize("subprotocol", [PROTO, JSON])
async def test_a_change_of_options_changes_what_the_frame_shows(rig: Rig, subprotocol: str) -> None:
    async with rig.client(subprotocol) as client:
        await client.open(kind="histogram", options={"x": "delay"})
        opened = (await client.until("opened")).opened
        [*_, first] = await client.frame(1)
        await client.send(set=pb.Set(view_id=1, seq=2, options={"x": "distance"}))  # type: ignore[arg-type]  # a Struct
        [*_, second] = await client.frame(2)
    assert [shown.x.column for shown in (opened, first, second)] == ["delay", "delay", "distance"]
    # The number of a cell is its height.
    assert not any(shown.HasField("y") for shown in (opened, first, second))
