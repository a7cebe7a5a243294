"""Health: alive, and ready."""

import httpx2
from gateway_rig.rig import Rig
from gateway_rig.waiting import eventually


async def test_the_process_answers(rig: Rig) -> None:
    async with httpx2.AsyncClient(base_url=rig.url) as web:
        for path in ("/healthz", "/compute/healthz"):
            assert (await web.get(path)).json() == {"status": "ok"}


async def test_ready_means_that_compute_can_be_reached(rig: Rig) -> None:
    await eventually(lambda: rig.gateway.pool.connected == 1)
    async with httpx2.AsyncClient(base_url=rig.url) as web:
        assert (await web.get("/readyz")).status_code == 200
        await rig.compute.stop()
        await eventually(lambda: rig.gateway.pool.connected == 0)
        answer = await web.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["compute"] is False
        await rig.compute.start()
        await eventually(lambda: rig.gateway.pool.connected == 1)
        rig.gateway.registry.draining = True
        assert (await web.get("/readyz")).status_code == 503
