"""Opening views; refusals are in routes/test_socket."""

from gateway_rig.auth import uuid_of
from gateway_rig.rig import Rig


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
