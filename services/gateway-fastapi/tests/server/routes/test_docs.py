"""Swagger UI without a CDN."""

import re

from gateway_rig.rig import Rig


async def test_the_page_loads_nothing_from_elsewhere(rig: Rig) -> None:
    async with rig.web() as web:
        page = (await web.get("/compute/docs")).text
        sources = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert len(sources) == 3
        assert "//" not in "".join(sources)
        for source in [*sources, "/compute/openapi.json"]:
            assert (await web.get(source)).status_code == 200
