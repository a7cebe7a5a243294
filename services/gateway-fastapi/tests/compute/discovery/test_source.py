"""The source that never changes."""

from halftone_gateway.compute.discovery.source import StaticSource


async def test_a_static_list_is_passed_on_once() -> None:
    heard: list[tuple[tuple[str, ...], ...]] = []
    await StaticSource((("a:1", "b:1"), ("c:1",))).run(heard.append)
    assert heard == [(("a:1", "b:1"), ("c:1",))]
