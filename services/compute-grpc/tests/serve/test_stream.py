"""Render streams: many asks, one connection, nothing that one ask does wrong ends another."""

import asyncio
import threading
from collections.abc import AsyncGenerator

import grpc
import numpy as np
import pytest
from compute_rig.client import code_in, plan, tiles
from compute_rig.memory import MemoryVersion
from compute_rig.rig import Rig, Serving
from compute_rig.tokens import Signer
from compute_rig.waiting import PATIENCE_S, cpu_seconds, until
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute import metrics
from halftone_compute.render.job import MAX_DEADLINE_MS
from halftone_compute.render.shared import RenderPart, SharedScan
from halftone_compute.serve.stream import RenderStream

ROWS = {"x": np.linspace(0, 0.999, 1000), "y": np.linspace(0, 0.999, 1000)}


@pytest.fixture
def gate() -> threading.Event:
    return threading.Event()


@pytest.fixture
def gated(rig: Rig, gate: threading.Event) -> MemoryVersion:
    """A version whose every block waits for the gate."""
    return rig.put(ROWS, gate=gate, block_rows=10)


async def test_answers_come_in_the_order_of_the_work_not_of_the_asks(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS)
    client = serving.client()
    for request_id in range(1, 21):
        await client.ask(request_id, tiles=tiles((request_id % 3, 0)))
    for request_id in reversed(range(1, 21)):
        assert (await client.answer(request_id)).done


async def test_many_streams_and_asks_at_once_are_all_whole(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS)

    async def user(number: int) -> None:
        client = serving.client(serving.signer.grant(sub=f"user {number}"))
        for request_id in range(1, 11):
            answered = await client.run(request_id, tiles=tiles((0, 0), (number, 1)))
            assert answered.done, answered.failure
            assert sum(int(answered.grid(index).sum()) for index in range(2)) == 1000

    await asyncio.gather(*(user(number) for number in range(2, 12)))


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"deadline_ms": 0}, "param_invalid", "deadline_ms"),
        ({"deadline_ms": 10_001}, "param_out_of_range", "deadline_ms"),
        ({"grant": ""}, "auth_required", "grant"),
        ({"grant": "e30.e30.e30"}, "token_invalid", ""),
        ({"plan": plan(glyph=999)}, "param_invalid", "plan.glyph"),
        ({"tiles": []}, "param_invalid", "tiles"),
        (
            {"plan": plan(x=compute_pb2.Axis(column="nope", transform=compute_pb2.TRANSFORM_LINEAR))},
            "unknown_column",
            "plan.x.column",
        ),
    ],
)
async def test_a_bad_ask_fails_alone(
    rig: Rig,
    serving: Serving,
    changes: dict[str, object],
    code: str,
    field: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in ("render.job", "serve.stream"):
        monkeypatch.setattr(f"halftone_compute.{module}.MAX_DEADLINE_MS", MAX_DEADLINE_MS)
    rig.put(ROWS)
    client = serving.client()
    failed = (await client.run(7, **changes)).failure
    assert failed is not None
    assert (failed.code, failed.field) == (code, field)
    assert failed.detail
    assert (await client.run(8)).done


async def test_tiles_that_need_more_memory_than_a_picture_may_take_come_in_groups(rig: Rig) -> None:
    places = [(ix, iy) for ix in range(4) for iy in range(3)]
    version = rig.put(ROWS)
    answers = []
    # Four tiles of counts take 1 MiB.
    for most_bytes in (1 << 20, 1 << 24):
        async with rig.serving(compute_pass_bytes=most_bytes) as serving:
            answers.append(await serving.client().run(1, tiles=tiles(*places, ex=-9, ey=-9)))
    found, expected = answers
    assert found.done is not None
    assert expected.done is not None
    assert (found.done.rows_scanned, expected.done.rows_scanned) == (4 * version.rows, version.rows)
    assert {piece.piece_id: piece for piece in found.pieces} == {piece.piece_id: piece for piece in expected.pieces}
    assert sum(int(found.grid(index).sum()) for index in range(len(places))) == version.rows


async def test_one_piece_that_needs_more_memory_than_a_picture_may_take_is_refused(rig: Rig) -> None:
    version = rig.put(ROWS)
    viewport = frame_pb2.Viewport(
        extent=frame_pb2.Extent(x0=0, x1=1, y0=0, y1=1), width=1024, height=512, exact_viewport=True
    )
    async with rig.serving(compute_pass_bytes=1 << 20) as serving:
        failed = (await serving.client().run(1, tiles=None, whole=viewport)).failure
    assert failed is not None
    assert failed.code == "render_too_large"
    assert "exactly this viewport" in failed.detail
    assert version.passes == 0


async def test_grants_decide_what_is_read(rig: Rig, serving: Serving, signer: Signer) -> None:
    rig.put(ROWS)
    client = serving.client()
    for grant, code in (
        (signer.grant(lifetime=-60), "token_expired"),
        (signer.grant(version="0191f6a0-0000-7000-8000-0000000000ff"), "version_gone"),
        (signer.grant(columns=["x"]), "unknown_column"),
        (signer.grant(purpose="export"), "forbidden"),
        (Signer("foreign").grant(), "token_invalid"),
    ):
        failed = (await client.run(1, grant=grant)).failure
        assert failed is not None
        assert failed.code == code
    assert (await client.run(2, grant=signer.grant(columns=["x", "y"]))).done


async def test_a_narrow_grant_cannot_join_the_work_of_a_wide_one(
    serving: Serving, gated: MemoryVersion, gate: threading.Event, signer: Signer
) -> None:
    wide = serving.client()
    await wide.ask(1)
    await until(lambda: gated.passes == 1)
    failed = (await serving.client(signer.grant(columns=["x"])).run(1)).failure
    gate.set()
    assert failed is not None
    assert failed.code == "unknown_column"
    assert (await wide.answer(1)).done


async def test_request_ids_are_not_zero_and_not_used_twice(
    serving: Serving, gated: MemoryVersion, gate: threading.Event
) -> None:
    client = serving.client()
    failed = (await client.run(0)).failure
    assert failed is not None
    assert failed.field == "request_id"
    await client.ask(1)
    await until(lambda: gated.passes == 1)
    failed = (await client.run(1)).failure
    gate.set()
    assert failed is not None
    assert failed.field == "request_id"


async def test_cancel_by_id_ends_the_work_within_a_block(
    rig: Rig, serving: Serving, gated: MemoryVersion, gate: threading.Event
) -> None:
    client = serving.client()
    await client.ask(1)
    await until(lambda: gated.passes == 1)
    await client.cancel(99)
    await client.cancel(1)
    failed = (await client.answer(1)).failure
    assert failed is not None
    assert failed.code == "cancelled"
    gate.set()
    await until(lambda: metrics.SLOTS_BUSY._value.get() == 0)
    assert gated.blocks_read == 1, "the block that was held back is read, and no more"
    assert (await client.run(2)).done


async def test_cancel_takes_less_than_50_ms_while_a_block_is_read(
    rig: Rig, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(1)
    big = rig.put({name: rng.random(1_000_000) for name in "xy"}, block_rows=1_000_000)
    big.repeat = 100_000
    client = serving.client()
    await client.ask(1)
    await until(lambda: big.blocks_read > 1)
    [reader] = [thread for thread in threading.enumerate() if thread.name.startswith("render")]
    spent: list[float] = []
    stop = SharedScan.stop

    def stopped(found: SharedScan) -> None:
        stop(found)
        spent.append(cpu_seconds(reader))

    monkeypatch.setattr(SharedScan, "stop", stopped)
    await client.cancel(1)
    failed = (await client.answer(1)).failure
    assert failed is not None
    assert failed.code == "cancelled"
    read = big.blocks_read
    await until(lambda: metrics.SLOTS_BUSY._value.get() == 0)
    assert big.blocks_read <= read + 1
    assert cpu_seconds(reader) - spent[0] < 0.05


async def test_a_deadline_ends_the_ask_and_the_work(
    serving: Serving, gated: MemoryVersion, gate: threading.Event
) -> None:
    client = serving.client()
    failed = (await client.run(1, deadline_ms=30)).failure
    gate.set()
    assert failed is not None
    assert failed.code == "deadline_exceeded"
    await until(lambda: metrics.SLOTS_BUSY._value.get() == 0)
    assert gated.blocks_read <= 1


async def test_the_same_pieces_in_flight_are_made_once(
    serving: Serving, gated: MemoryVersion, gate: threading.Event
) -> None:
    clients = [serving.client(serving.signer.grant(sub=f"user {number}")) for number in range(5)]
    shared = metrics.PIECES_SHARED._value.get()
    await clients[0].ask(1, tiles=tiles((0, 0), (1, 0)))
    await until(lambda: gated.passes == 1)
    for client in clients[1:]:
        await client.ask(1, tiles=tiles((0, 0)))
    await until(lambda: metrics.PIECES_SHARED._value.get() == shared + 4)
    gate.set()
    for client in clients:
        answered = await client.answer(1)
        assert answered.done
        assert answered.grid().sum() > 0
    assert gated.passes == 1


async def test_shared_work_goes_on_until_the_last_one_leaves(
    serving: Serving, gated: MemoryVersion, gate: threading.Event
) -> None:
    first, second = serving.client(), serving.client(serving.signer.grant(sub="another"))
    joined = metrics.PIECES_SHARED._value.get()
    await first.ask(1)
    await until(lambda: gated.passes == 1)
    await second.ask(1)
    await until(lambda: metrics.PIECES_SHARED._value.get() == joined + 1)
    await first.cancel(1)
    assert (await first.answer(1)).failure
    gate.set()
    assert (await second.answer(1)).done
    assert gated.passes == 1


async def test_pieces_of_given_up_work_can_be_asked_again_at_once(
    serving: Serving, gated: MemoryVersion, gate: threading.Event
) -> None:
    client = serving.client()
    await client.ask(1)
    await until(lambda: gated.passes == 1)
    await client.cancel(1)
    assert (await client.answer(1)).failure
    await client.ask(2)
    await until(lambda: gated.passes == 2)
    gate.set()
    assert (await client.answer(2)).done


async def test_newest_wins_per_view_while_waiting(
    serving: Serving, gated: MemoryVersion, gate: threading.Event
) -> None:
    client = serving.client()
    for request_id in (1, 2):
        await client.ask(request_id, tiles=tiles((request_id, 0)))
    await until(lambda: gated.passes == 2)
    for request_id in (3, 4, 5):
        await client.ask(request_id, tiles=tiles((request_id, 0)), view_key="view 1")
    await client.ask(6, tiles=tiles((6, 0)), view_key="view 2")
    for request_id in (3, 4):
        failed = (await client.answer(request_id)).failure
        assert failed is not None
        assert failed.code == "cancelled"
    gate.set()
    for request_id in (1, 2, 5, 6):
        assert (await client.answer(request_id)).done
    assert gated.passes == 4


async def test_a_full_queue_refuses_with_a_time_to_wait(rig: Rig, gate: threading.Event) -> None:
    version = rig.put(ROWS, gate=gate)
    async with rig.serving(compute_queue=1) as serving:
        client = serving.client()
        for request_id in (1, 2):
            await client.ask(request_id, tiles=tiles((request_id, 0)))
        await until(lambda: version.passes == 2)
        await client.ask(3, tiles=tiles((3, 0)))
        await until(lambda: metrics.QUEUE_WAITING._value.get() == 1)
        await client.ask(4, tiles=tiles((4, 0)))
        failed = (await client.answer(4)).failure
        gate.set()
        assert failed is not None
        assert failed.code == "overloaded"
        assert failed.retry_after_ms > 0
        assert (await client.answer(3)).done


async def test_a_client_that_goes_away_frees_its_work(
    rig: Rig, serving: Serving, gated: MemoryVersion, gate: threading.Event
) -> None:
    client = serving.client()
    for request_id in range(1, 6):
        await client.ask(request_id, tiles=tiles((request_id, 0)))
    await until(lambda: gated.passes == 2)
    client.call.cancel()
    await until(lambda: serving.is_idle)
    gate.set()
    await until(lambda: metrics.SLOTS_BUSY._value.get() == 0)
    assert gated.passes == 2
    assert (await serving.client().run(1)).done


async def test_a_client_that_has_no_more_to_ask_gets_its_answers(
    serving: Serving, gated: MemoryVersion, gate: threading.Event
) -> None:
    client = serving.client()
    await client.ask(1)
    await client.call.done_writing()
    gate.set()
    assert (await client.answer(1)).done
    assert await client.call.read() is grpc.aio.EOF
    assert await client.call.code() is grpc.StatusCode.OK


async def test_a_bug_is_internal_and_shows_nothing(rig: Rig, serving: Serving) -> None:
    version = rig.put(ROWS, failure=ValueError("/a/path and a secret"))
    client = serving.client()
    failed = (await client.run(1)).failure
    assert failed is not None
    assert failed.code == "internal"
    assert "secret" not in failed.detail
    version.failure = None
    assert (await client.run(2)).done


async def test_columns_of_unequal_length_are_corrupt(rig: Rig, serving: Serving) -> None:
    rig.put({"x": np.zeros(3), "y": np.zeros(2)})
    failed = (await serving.client().run(1)).failure
    assert failed is not None
    assert failed.code == "data_corrupt"


@pytest.mark.parametrize("raw", [b"\xff\xff\xff\xff", b"", b"\x0a\x05\xff"], ids=["garbage", "empty", "cut"])
async def test_bytes_that_are_no_request_end_the_stream_as_invalid(rig: Rig, serving: Serving, raw: bytes) -> None:
    rig.put(ROWS)
    call = serving.raw_stream("/halftone.v1.Compute/Render")
    await call.write(raw)
    assert await call.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert code_in(await call.trailing_metadata()) == "bad_message"
    assert (await serving.client().run(1)).done


@pytest.mark.parametrize("turns", range(8))
async def test_an_ask_may_come_too_late_in_the_moment_of_the_last_answer(turns: int) -> None:
    go_on = asyncio.Event()
    written: list[compute_pb2.RenderReply] = []

    async def run(fetch: compute_pb2.RenderAsk) -> AsyncGenerator[RenderPart]:
        yield frame_pb2.Receipt()

    async def write(reply: bytes) -> None:
        await go_on.wait()
        written.append(compute_pb2.RenderReply.FromString(reply))

    def asking(request_id: int) -> compute_pb2.RenderRequest:
        return compute_pb2.RenderRequest(ask=compute_pb2.RenderAsk(request_id=request_id, deadline_ms=5_000))

    stream = RenderStream(run, write)
    stream.handle(asking(1))
    stream.drain()
    finishing = asyncio.create_task(stream.finish())
    await until(lambda: len(stream._tasks) == 2)
    go_on.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    stream.handle(asking(2))
    await asyncio.wait_for(finishing, PATIENCE_S)
    assert [reply.request_id for reply in written] == [1]


async def test_receipts_name_the_trace(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS)
    answered = await serving.client().run(1, traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    assert answered.done is not None
    assert answered.done.trace_id == "0af7651916cd43dd8448eb211c80319c"
    assert answered.done.fraction == 1.0
    assert answered.done.policy_hash == "0" * 64
