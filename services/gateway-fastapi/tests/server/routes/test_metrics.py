"""Prometheus metrics."""

from gateway_rig.rig import Rig
from gateway_rig.waiting import eventually
from halftone_gateway.metrics import CONNECTIONS, VIEWS


async def test_metrics_count_what_happens(rig: Rig) -> None:
    # Sockets of the tests before this one may still be leaving.
    await eventually(lambda: VIEWS._value.get() == 0)
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        async with rig.web() as web:
            text = (await web.get("/metrics")).text
        assert VIEWS._value.get() == 1
    await eventually(lambda: VIEWS._value.get() == 0)
    await eventually(lambda: CONNECTIONS._value.get() == 0)
    for name in ("ws_connections", "messages_total", "frames_total", "sent_bytes_total", "render_seconds_bucket"):
        assert f"halftone_gateway_{name}" in text
