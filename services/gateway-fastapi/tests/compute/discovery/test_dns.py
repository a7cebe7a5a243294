"""Names that are resolved again and again."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from gateway_rig.waiting import eventually
from halftone_gateway.compute.discovery.affinity import Pools
from halftone_gateway.compute.discovery.dns import DnsSource

Found = list[tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]]


@asynccontextmanager
async def resolving(pools: Pools) -> AsyncIterator[list[Pools]]:
    heard: list[Pools] = []
    task = asyncio.create_task(DnsSource(pools, every_s=0.01).run(heard.append))
    try:
        await eventually(lambda: bool(heard))
        yield heard
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def found(*addresses: str) -> Found:
    four = [(socket.AF_INET, 1, 6, "", (one, 5)) for one in addresses if ":" not in one]
    six = [(socket.AF_INET6, 1, 6, "", (one, 5, 0, 0)) for one in addresses if ":" in one]
    return [*four, *six]


async def test_a_name_is_resolved_by_the_machine() -> None:
    async with resolving((("127.0.0.1:7",), ("localhost:5",))) as heard:
        assert heard[0][0] == ("127.0.0.1:7",)
        assert set(heard[0][1]) <= {"127.0.0.1:5", "[::1]:5"}
        assert heard[0][1]


async def test_a_name_that_is_nowhere_leaves_its_pool_empty() -> None:
    async with resolving((("nowhere.invalid:5",), ("127.0.0.1:5",))) as heard:
        assert heard[0] == ((), ("127.0.0.1:5",))


async def test_addresses_come_and_go_and_an_outage_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    # The resolver is the machine's own, which a test cannot make forget.
    answers: list[Found | OSError] = [found("10.0.0.2", "10.0.0.1", "fd00::1")]

    def getaddrinfo(host: str, port: int, *_: int) -> Found:
        assert (host, port) == ("compute", 5)
        answer = answers[-1]
        if isinstance(answer, OSError):
            raise answer
        return answer

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    async with resolving((("compute:5",),)) as heard:

        def was_passed_on(*targets: str) -> bool:
            return heard[-1] == (targets,)

        assert was_passed_on("10.0.0.1:5", "10.0.0.2:5", "[fd00::1]:5")
        answers.append(found("10.0.0.2"))
        await eventually(lambda: was_passed_on("10.0.0.2:5"))
        answers.append(socket.gaierror(socket.EAI_AGAIN, "try again"))
        count = len(heard)
        await eventually(lambda: len(heard) > count + 2)
        assert was_passed_on("10.0.0.2:5")
        answers.append(found("10.0.0.9"))
        await eventually(lambda: was_passed_on("10.0.0.9:5"))
