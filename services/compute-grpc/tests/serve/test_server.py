"""The server as a whole: health, sockets, reflection, stopping."""

import asyncio
import gc
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import numpy as np
import pytest
from compute_rig.failing import FailingEngine
from compute_rig.memory import MemoryStore
from compute_rig.rig import Rig, Serving
from compute_rig.waiting import PATIENCE_S, until
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2
from halftone.v1 import compute_pb2, compute_pb2_grpc
from halftone_compute.backends.base import Cancel, EngineError, Reason
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.serve.server import ComputeServer
from halftone_compute.serve.stream import RenderStream
from halftone_compute.settings import ComputeSettings
from halftone_servicekit.testing_servers import held_port
from typing_extensions import override

ROWS = {"x": np.zeros(3), "y": np.zeros(3)}
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def status(channel: grpc.aio.Channel, service: str) -> int:
    check = channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        health_pb2.HealthCheckRequest.SerializeToString,
        health_pb2.HealthCheckResponse.FromString,
    )
    reply = await check(health_pb2.HealthCheckRequest(service=service), timeout=PATIENCE_S)
    return int(reply.status)


async def health_of(
    watching: grpc.aio.UnaryStreamCall[Message, health_pb2.HealthCheckResponse],
) -> int:
    reply = await watching.read()
    assert isinstance(reply, health_pb2.HealthCheckResponse)
    return int(reply.status)


async def test_a_started_server_is_live_and_ready(serving: Serving) -> None:
    for service in ("live", "ready", ""):
        assert await status(serving.channel, service) == SERVING
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await status(serving.channel, "nope")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_it_is_live_but_not_ready_while_it_warms_up(rig: Rig, tmp_path: Path) -> None:
    seen: list[int] = []
    address = f"unix://{tmp_path}/compute.sock"
    loop = asyncio.get_running_loop()

    async def look() -> None:
        async with grpc.aio.insecure_channel(address) as channel:
            seen.extend([await status(channel, "live"), await status(channel, "ready")])

    class Slow(CpuEngine):
        @override
        def warm_up(self) -> None:
            asyncio.run_coroutine_threadsafe(look(), loop).result(PATIENCE_S)

    settings = ComputeSettings(auth_url=rig.jwks.url, compute_drain_seconds=0)
    server = ComputeServer(settings, MemoryStore(), Engines(Slow()))
    await server.start(address)
    assert seen == [SERVING, NOT_SERVING]
    async with grpc.aio.insecure_channel(address) as channel:
        assert await status(channel, "ready") == SERVING
        rig.put(ROWS)
    await server.stop()


async def test_free_viewports_are_compiled_once_it_is_ready_and_a_stop_ends_that(rig: Rig, tmp_path: Path) -> None:
    address = f"unix://{tmp_path}/compute.sock"
    began, ended = threading.Event(), threading.Event()

    class Endless(CpuEngine):
        @override
        def warm_up_free(self, cancel: Cancel) -> None:
            began.set()
            try:
                while True:
                    cancel.check()
            finally:
                ended.set()

    server = ComputeServer(
        ComputeSettings(auth_url=rig.jwks.url, compute_drain_seconds=0), MemoryStore(), Engines(Endless())
    )
    await server.start(address)
    assert await asyncio.to_thread(began.wait, PATIENCE_S)
    async with grpc.aio.insecure_channel(address) as channel:
        assert await status(channel, "ready") == SERVING
    await asyncio.wait_for(server.stop(), PATIENCE_S)
    assert ended.is_set()


@pytest.mark.parametrize("reason", ["out_of_memory", "card_lost"])
async def test_a_card_that_fails_costs_nobody_an_answer(rig: Rig, reason: Reason) -> None:
    rig.put(ROWS)
    card = FailingEngine(reason)
    rig.engines = Engines(card, CpuEngine())
    async with rig.serving() as serving:
        client = serving.client()
        answers = [await client.run(1), await client.run(2)]
        # The receipt of a later request says so too.
        answers.append(await serving.client().run(1))
    receipts = [(answer.done.backend, answer.done.degraded) for answer in answers if answer.done]
    assert receipts == [("cpu", reason)] * 3
    assert [len(answer.pieces) for answer in answers] == [1, 1, 1]
    assert card.asked.count("planes") == (1 if reason == "card_lost" else 3)


async def test_the_engine_that_stands_in_is_compiled_after_ready(rig: Rig) -> None:
    compiled = threading.Event()

    class StandIn(CpuEngine):
        @override
        def warm_up_free(self, cancel: Cancel) -> None:
            compiled.set()

    card = FailingEngine()
    rig.engines = Engines(card, StandIn())
    async with rig.serving() as serving:
        assert await status(serving.channel, "ready") == SERVING
        assert await asyncio.to_thread(compiled.wait, PATIENCE_S)
    assert (card.asked, card.is_closed) == (["warm_up", "warm_up_free", "close"], True)


async def test_a_server_that_is_to_have_a_card_does_not_start_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "halftone_compute.backends.card.gpu", None)
    with pytest.raises(EngineError):
        ComputeServer(ComputeSettings(compute_backend="gpu"), MemoryStore())


async def test_a_stopping_server_says_so_and_then_refuses(rig: Rig) -> None:
    async with rig.serving() as serving:
        watch = serving.channel.unary_stream(
            "/grpc.health.v1.Health/Watch",
            health_pb2.HealthCheckRequest.SerializeToString,
            health_pb2.HealthCheckResponse.FromString,
        )
        watching = watch(health_pb2.HealthCheckRequest(service="ready"))
        assert await health_of(watching) == SERVING
        stopping = asyncio.create_task(serving.server.stop())
        assert await health_of(watching) == NOT_SERVING
        watching.cancel()
        await asyncio.wait_for(stopping, PATIENCE_S)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await status(serving.channel, "live")
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_stopping_answers_what_is_open_and_ends_the_stream(rig: Rig) -> None:
    gate = threading.Event()
    version = rig.put(ROWS, gate=gate)
    async with rig.serving() as serving:
        client = serving.client()
        await client.ask(1)
        await until(lambda: version.passes == 1)
        stopping = asyncio.create_task(serving.server.stop())
        await until(serving.server._servicer._draining.is_set)
        gate.set()
        assert (await client.answer(1)).done
        assert await client.call.read() is grpc.aio.EOF
        assert await client.call.code() is grpc.StatusCode.OK
        await asyncio.wait_for(stopping, PATIENCE_S)


async def test_an_ask_that_comes_too_late_ends_a_stopping_stream_soon(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    version = rig.put(ROWS, gate=gate)
    draining: list[RenderStream] = []
    drain = RenderStream.drain

    def drained(stream: RenderStream) -> None:
        drain(stream)
        draining.append(stream)

    monkeypatch.setattr(RenderStream, "drain", drained)
    async with rig.serving() as serving:
        client = serving.client()
        await client.ask(1)
        await until(lambda: version.passes == 1)
        stopping = asyncio.create_task(serving.server.stop())
        await until(lambda: draining)
        await client.ask(2)
        # The first is still held back: its asker, too, is better off elsewhere.
        async with asyncio.timeout(PATIENCE_S / 2):
            assert await client.call.read() is grpc.aio.EOF
        assert await client.call.code() is grpc.StatusCode.OK
        gate.set()
        await asyncio.wait_for(stopping, PATIENCE_S)


@pytest.fixture
def probes() -> Iterator[int]:
    """A port for probes that no other test gets."""
    with held_port() as place:
        yield int(place.getsockname()[1])


async def test_probes_have_a_port_of_their_own_with_nothing_but_health(rig: Rig, probes: int) -> None:
    rig.put(ROWS)
    async with rig.serving(compute_health_port=probes) as serving:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{probes}") as probe:
            for service in ("live", "ready", ""):
                assert await status(probe, service) == SERVING
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await compute_pb2_grpc.ComputeStub(probe).Describe(compute_pb2.DescribeRequest(), timeout=PATIENCE_S)
            assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
        assert await status(serving.channel, "ready") == SERVING


async def test_live_is_told_by_the_loop_that_works(rig: Rig, probes: int) -> None:
    def probe(seconds: float) -> int:
        with grpc.insecure_channel(f"127.0.0.1:{probes}") as channel:
            check = channel.unary_unary(
                "/grpc.health.v1.Health/Check",
                health_pb2.HealthCheckRequest.SerializeToString,
                health_pb2.HealthCheckResponse.FromString,
            )
            return int(check(health_pb2.HealthCheckRequest(service="live"), timeout=seconds).status)

    with ThreadPoolExecutor(1) as threads:
        async with rig.serving(compute_health_port=probes):
            assert await asyncio.wrap_future(threads.submit(probe, PATIENCE_S)) == SERVING
            # The loop stands still for as long as the probe waits.
            failed = threads.submit(probe, 0.5).exception(PATIENCE_S)
            assert isinstance(failed, grpc.RpcError)
            assert await asyncio.wrap_future(threads.submit(probe, PATIENCE_S)) == SERVING


async def test_work_is_still_done_while_the_news_of_a_stop_spreads(
    rig: Rig, probes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    spreading, has_spread, sleep = 600.0, asyncio.Event(), asyncio.sleep

    async def wait(seconds: float) -> None:
        await (has_spread.wait() if seconds == spreading else sleep(seconds))

    monkeypatch.setattr(asyncio, "sleep", wait)
    rig.put(ROWS)
    async with rig.serving(compute_health_port=probes, compute_drain_wait_seconds=spreading) as serving:
        client = serving.client()
        assert (await client.run(1)).done
        stopping = asyncio.create_task(serving.server.stop())
        async with grpc.aio.insecure_channel(f"127.0.0.1:{probes}") as probe:
            assert await status(probe, "ready") == NOT_SERVING
            assert await status(probe, "live") == SERVING
        assert (await client.run(2)).done
        has_spread.set()
        assert await client.call.read() is grpc.aio.EOF
        assert await client.call.code() is grpc.StatusCode.OK
        await asyncio.wait_for(stopping, PATIENCE_S)


async def test_a_taken_port_is_an_error(serving: Serving, rig: Rig) -> None:
    settings = ComputeSettings(auth_url=rig.jwks.url, compute_port=serving.port)
    with pytest.raises(RuntimeError, match="bind"):
        await ComputeServer(settings, MemoryStore()).start()


async def silence() -> AsyncIterator[reflection_pb2.ServerReflectionRequest]:
    """What a client sends that writes nothing."""
    await asyncio.Event().wait()
    yield reflection_pb2.ServerReflectionRequest()


@pytest.mark.parametrize("is_on", [True, False])
async def test_reflection_is_there_only_when_asked_for(rig: Rig, is_on: bool) -> None:
    async with rig.serving(compute_reflection=is_on) as serving:
        ask = serving.channel.stream_stream(
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            reflection_pb2.ServerReflectionRequest.SerializeToString,
            reflection_pb2.ServerReflectionResponse.FromString,
        )
        if is_on:
            call = ask(iter([reflection_pb2.ServerReflectionRequest(list_services="")]), timeout=PATIENCE_S)
            reply = await call.read()
            assert isinstance(reply, reflection_pb2.ServerReflectionResponse)
            names = {service.name for service in reply.list_services_response.service}
            assert "halftone.v1.Compute" in names
        else:
            # A client that still writes when the server refuses may see the end of the stream first.
            assert await ask(silence(), timeout=PATIENCE_S).code() is grpc.StatusCode.UNIMPLEMENTED


async def test_plain_http_does_no_harm(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS)
    reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await asyncio.wait_for(reader.read(), PATIENCE_S)
    writer.close()
    await writer.wait_closed()
    assert (await serving.client().run(1)).done


async def test_a_ping_is_answered_and_a_flood_ends_the_connection(serving: Serving) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    preface, settings = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\0\0\0\4\0" + bytes(4)
    ping, answer = (b"\0\0\x08\6" + flag + bytes(4) + b"halftone" for flag in (b"\0", b"\1"))
    writer.write(preface + settings + ping)
    async with asyncio.timeout(PATIENCE_S):
        await reader.readuntil(answer)
        writer.write(ping * 20)
        await reader.readuntil(b"too_many_pings")
    writer.close()
    assert serving.is_idle


async def test_nothing_is_left_behind(rig: Rig) -> None:
    rig.put(ROWS)
    async with rig.serving() as serving:
        client = serving.client()
        assert (await client.run(1)).done
        await client.call.done_writing()
        assert await client.call.read() is grpc.aio.EOF
    gc.collect()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert not [task for task in others if "halftone_compute" in repr(task)]
