"""Health: alive, and ready."""

from gateway_rig.auth import AuthServer
from gateway_rig.compute import ComputeServer
from gateway_rig.rig import Rig, running
from gateway_rig.waiting import eventually


async def test_the_process_answers(rig: Rig) -> None:
    async with rig.web() as web:
        for path in ("/healthz", "/compute/healthz"):
            assert (await web.get(path)).json() == {"status": "ok"}


async def test_not_ready_before_a_compute_service_was_reached(auth: AuthServer, compute: ComputeServer) -> None:
    await compute.stop()
    async with running(auth, compute) as rig, rig.web() as web:
        answer = await web.get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["compute"]) == (503, False)
        await compute.start()
        await eventually(lambda: rig.gateway.pool.connected == 1)
        assert (await web.get("/readyz")).status_code == 200


async def test_a_lost_compute_service_does_not_make_the_gateway_unready(rig: Rig) -> None:
    await eventually(lambda: rig.gateway.pool.connected == 1)
    async with rig.web() as web:
        await rig.compute.stop()
        await eventually(lambda: rig.gateway.pool.connected == 0)
        answer = await web.get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["compute"]) == (200, False)
        async with rig.client() as client:
            await client.open()
            await rig.compute.start()
            assert await client.frame(1)


async def test_a_process_that_is_about_to_stop_is_not_ready(rig: Rig) -> None:
    await eventually(lambda: rig.gateway.pool.connected == 1)
    async with rig.web() as web:
        rig.gateway.registry.drain()
        assert (await web.get("/readyz")).status_code == 503
