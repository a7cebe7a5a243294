"""Prometheus metrics."""

import httpx2
from gateway_rig.rig import Rig


async def test_metrics_count_what_happens(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        async with httpx2.AsyncClient(base_url=rig.url) as web:
            text = (await web.get("/metrics")).text
    for name in ("ws_connections", "messages_total", "frames_total", "sent_bytes_total", "render_seconds_bucket"):
        assert f"halftone_gateway_{name}" in text
