"""Sharing of passes: who joins whom, and what ends when."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pytest
from compute_rig.client import plan, tiles
from compute_rig.failing import FailingEngine
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT
from compute_rig.tokens import VERSION
from compute_rig.waiting import PATIENCE_S, until
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render import shared
from halftone_compute.render.job import RenderJob, job_from_fetch
from halftone_compute.render.renderer import Renderer
from halftone_compute.render.shared import SharedScans, Waiter
from halftone_compute.serve.admit import Admission
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_wire import decode_piece
from typing_extensions import override

ROWS = {"x": np.linspace(0, 500, 50), "y": np.linspace(0, 200, 50)}
PASS_BYTES = 1 << 26


@dataclass
class Bench:
    """One slot, and a version whose rows come only once the gate is open."""

    gate: threading.Event = field(default_factory=threading.Event)
    engines: Engines = field(default_factory=lambda: Engines(CpuEngine()))

    def __post_init__(self) -> None:
        self.version = MemoryVersion(VERSION, ROWS, gate=self.gate, block_rows=10)
        self.scans = SharedScans(Renderer(self.engines, PASS_BYTES), Admission(1, 100, 100), 1)

    def job(self, *places: tuple[int, int], view: str = "", number: int = 0) -> RenderJob:
        ask = compute_pb2.RenderAsk(plan=plan(), tiles=tiles(*places), view_key=view)
        return job_from_fetch(ask, GRANT, self.version, 1, number)

    def start(self, *places: tuple[int, int], view: str = "", number: int = 0) -> "asyncio.Task[Result]":
        return asyncio.create_task(self._collect(self.job(*places, view=view, number=number)))

    async def began(self, passes: int = 1) -> None:
        await until(lambda: self.version.passes == passes)

    async def pieces(self, job: RenderJob) -> dict[bytes, bytes]:
        batches = [made async for made in self.scans.run(job) if isinstance(made, list)]
        return {piece.piece_id: piece.piece for batch in batches for piece in batch}

    async def _collect(self, job: RenderJob) -> "Result":
        result = Result()
        async for made in self.scans.run(job):
            if isinstance(made, frame_pb2.Receipt):
                result.receipt = made
            elif isinstance(made, list):
                result.ids += [piece.piece_id for piece in made]
        return result


@dataclass
class Result:
    ids: list[bytes] = field(default_factory=list)
    receipt: frame_pb2.Receipt | None = None


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    bench.gate.set()
    await bench.scans.close()


async def _code(task: "asyncio.Task[Result]") -> ErrorCode | str:
    with pytest.raises(HalftoneError) as caught:
        await asyncio.wait_for(task, PATIENCE_S)
    return caught.value.code


async def test_pieces_under_way_are_made_once_for_all_who_want_them(bench: Bench) -> None:
    first = bench.start((0, 0), (1, 0))
    await bench.began()
    same, more = bench.start((0, 0)), bench.start((1, 0), (2, 0))
    await until(lambda: len(bench.scans._by_piece) == 3)
    bench.gate.set()
    results = await asyncio.wait_for(asyncio.gather(first, same, more), PATIENCE_S)
    assert [len(result.ids) for result in results] == [2, 1, 2]
    assert results[1].ids[0] in results[0].ids
    assert [result.receipt.pieces_total for result in results if result.receipt] == [2, 1, 2]
    # One pass for the first two, one for the tile that only the third wanted.
    assert bench.version.passes == 2
    assert not bench.scans._by_piece


async def test_pieces_in_quick_succession_come_together(monkeypatch: pytest.MonkeyPatch, bench: Bench) -> None:
    monkeypatch.setattr(shared, "BATCH_S", PATIENCE_S)
    bench.gate.set()
    parts = [part async for part in bench.scans.run(bench.job((0, 0), (1, 0), (2, 0)))]
    assert [len(part) for part in parts if isinstance(part, list)] == [3]


async def test_a_piece_does_not_wait_long_for_the_next() -> None:
    waiter = Waiter(1)
    await waiter.inbox.put(compute_pb2.EncodedPiece())
    assert await waiter.arrived() == [compute_pb2.EncodedPiece()]


async def test_work_goes_on_until_the_last_one_leaves(bench: Bench) -> None:
    waiting = [bench.start((0, 0)) for _ in range(2)]
    await bench.began()
    [found] = set(bench.scans._by_piece.values())
    await until(lambda: len(found.waiters) == 2)
    waiting[0].cancel()
    await until(lambda: len(found.waiters) == 1)
    found.cancel.check()
    waiting[1].cancel()
    await until(lambda: not found.waiters)
    with pytest.raises(HalftoneError):
        found.cancel.check()
    assert not bench.scans._by_piece
    bench.gate.set()
    await until(lambda: not bench.scans._running)
    assert bench.version.blocks_read == 1


async def test_work_that_was_given_up_is_not_joined(bench: Bench) -> None:
    left = bench.start((0, 0))
    await bench.began()
    left.cancel()
    await until(lambda: not bench.scans._by_piece)
    again = bench.start((0, 0))
    bench.gate.set()
    assert len((await asyncio.wait_for(again, PATIENCE_S)).ids) == 1


async def test_an_error_reaches_everyone_who_waits(bench: Bench) -> None:
    waiting = [bench.start((0, 0)), bench.start((0, 0))]
    await bench.began()
    [found] = set(bench.scans._by_piece.values())
    await until(lambda: len(found.waiters) == 2)
    bench.version.failure = HalftoneError(ErrorCode.DATA_CORRUPT)
    bench.gate.set()
    assert [await _code(task) for task in waiting] == [ErrorCode.DATA_CORRUPT] * 2
    bench.version.failure = None
    assert len((await asyncio.wait_for(bench.start((0, 0)), PATIENCE_S)).ids) == 1


async def test_an_error_nobody_foresaw_ends_the_wait_too(bench: Bench) -> None:
    bench.version.failure = RuntimeError("inside")
    bench.gate.set()
    assert await _code(bench.start((0, 0))) is ErrorCode.INTERNAL


async def test_newest_wins_while_the_older_one_waits(bench: Bench) -> None:
    running = bench.start((0, 0), view="other")
    await bench.began()
    older = bench.start((1, 0), view="view")
    await until(lambda: len(bench.scans._by_piece) == 2)
    newer = bench.start((2, 0), view="view")
    assert await _code(older) is ErrorCode.CANCELLED
    bench.gate.set()
    for task in (running, newer):
        assert len((await asyncio.wait_for(task, PATIENCE_S)).ids) == 1
    assert bench.version.passes == 2
    assert not bench.scans._by_view


async def test_what_has_begun_is_not_superseded(bench: Bench) -> None:
    older = bench.start((0, 0), view="view")
    await bench.began()
    newer = bench.start((1, 0), view="view")
    await until(lambda: len(bench.scans._by_piece) == 2)
    bench.gate.set()
    results = await asyncio.wait_for(asyncio.gather(older, newer), PATIENCE_S)
    assert [len(result.ids) for result in results] == [1, 1]


async def test_an_order_that_comes_after_a_newer_one_of_its_view_gives_way(bench: Bench) -> None:
    running = bench.start((0, 0), view="other")
    await bench.began()
    newer = bench.start((1, 0), view="view", number=2)
    await until(lambda: len(bench.scans._by_piece) == 2)
    assert await _code(bench.start((2, 0), view="view", number=1)) is ErrorCode.CANCELLED
    bench.gate.set()
    for task in (running, newer):
        assert len((await asyncio.wait_for(task, PATIENCE_S)).ids) == 1
    assert bench.version.passes == 2
    assert not bench.scans._by_view


async def test_close_ends_what_runs_and_what_waits(bench: Bench) -> None:
    running = bench.start((0, 0))
    await bench.began()
    waiting = bench.start((1, 0))
    await until(lambda: len(bench.scans._running) == 2)
    closing = asyncio.create_task(bench.scans.close())
    assert await _code(waiting) is ErrorCode.CANCELLED
    bench.gate.set()
    assert await _code(running) is ErrorCode.CANCELLED
    await asyncio.wait_for(closing, PATIENCE_S)
    assert not bench.scans._running
    assert bench.version.blocks_read == 1
    assert bench.version.passes == 1


async def test_an_answer_of_which_a_slower_engine_made_a_part_says_so() -> None:
    bench = Bench(engines=Engines(FailingEngine("out_of_memory", spares=1), CpuEngine()))
    first = bench.start((0, 0))
    await bench.began()
    both = bench.start((0, 0), (1, 0))
    await until(lambda: len(bench.scans._by_piece) == 2)
    bench.gate.set()
    receipts = [result.receipt for result in await asyncio.wait_for(asyncio.gather(first, both), PATIENCE_S)]
    assert [(found.backend, found.degraded) for found in receipts if found] == [("gpu", ""), ("cpu", "out_of_memory")]
    await bench.scans.close()


@dataclass
class Meanwhile(Result):
    """What came before the exact pieces, too."""

    sampled: list[compute_pb2.SampledPieces] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)


class SampledBench(Bench):
    """Rows that are many, with a sample."""

    @override
    def __post_init__(self) -> None:
        super().__post_init__()
        self.version.with_sample(20)

    def first(self, *places: tuple[int, int], approximate: bool = True) -> "asyncio.Task[Meanwhile]":
        self.found = Meanwhile()
        return asyncio.create_task(self._meanwhile(replace(self.job(*places), approximate=approximate), self.found))

    async def _meanwhile(self, job: RenderJob, result: Meanwhile) -> Meanwhile:
        async for made in self.scans.run(job):
            if isinstance(made, compute_pb2.SampledPieces):
                assert not {piece.stands_for for piece in made.pieces} & set(result.ids)
                result.sampled.append(made)
            elif isinstance(made, compute_pb2.RenderProgress):
                result.shares.append(made.share)
            elif isinstance(made, frame_pb2.Receipt):
                result.receipt = made
            else:
                result.ids += [piece.piece_id for piece in made]
        return result


@pytest.fixture
async def sampled_bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SampledBench]:
    monkeypatch.setattr("halftone_compute.render.sampled.FEW_ROWS", 1)
    monkeypatch.setattr("halftone_compute.render.read.rows.BLOCK_ROWS", 10)
    monkeypatch.setattr(shared, "PROGRESS_S", 0.001)
    bench = SampledBench()
    yield bench
    bench.gate.set()
    await bench.scans.close()


async def test_the_sample_comes_while_the_scan_waits(sampled_bench: SampledBench) -> None:
    task = sampled_bench.first((0, 0), (1, 0))
    await until(lambda: sampled_bench.found.sampled)
    [part] = sampled_bench.found.sampled
    assert len(part.pieces) == 2
    assert not sampled_bench.found.ids
    sampled_bench.gate.set()
    result = await asyncio.wait_for(task, PATIENCE_S)
    assert sorted(result.ids) == sorted(piece.stands_for for piece in part.pieces)
    assert len(result.sampled) == 1


async def test_who_joins_later_gets_the_sample_too_and_who_may_not_none(sampled_bench: SampledBench) -> None:
    first = sampled_bench.first((0, 0), (1, 0))
    await until(lambda: sampled_bench.found.sampled)
    late = sampled_bench.first((1, 0))
    exact = sampled_bench.first((0, 0), approximate=False)
    [scan] = set(sampled_bench.scans._by_piece.values())
    await until(lambda: len(scan.waiters) == 3)
    sampled_bench.gate.set()
    results = await asyncio.wait_for(asyncio.gather(first, late, exact), PATIENCE_S)
    assert [[len(part.pieces) for part in result.sampled] for result in results] == [[2], [1], []]
    assert [len(result.ids) for result in results] == [2, 1, 1]
    assert results[1].sampled[0].pieces[0].stands_for == results[1].ids[0]
    assert results[2].shares == []
    assert sampled_bench.version.passes == 1


async def test_who_joins_later_gets_every_part_of_a_sample_that_came_in_groups() -> None:
    scan, late = shared.SharedScan(Bench().job((0, 0), (1, 0))), Waiter(2, approximate=True)
    ids = list(scan.job.places)
    for piece_id in ids:
        scan.deliver_sampled(
            compute_pb2.SampledPieces(fraction=0.1, pieces=[compute_pb2.SampledPiece(stands_for=piece_id)])
        )
    scan.join(late, set(ids))
    parts = [late.inbox.get_nowait() for _ in ids]
    assert [piece.stands_for for part in parts for piece in part.pieces] == ids  # type: ignore[union-attr]


async def test_progress_grows_and_stays_below_the_whole(sampled_bench: SampledBench) -> None:
    task = sampled_bench.first((0, 0))
    await until(lambda: sampled_bench.found.sampled)
    [scan] = set(sampled_bench.scans._by_piece.values())
    for share in (0.25, 0.5):
        scan.cancel.advance(share)
        await until(partial(sampled_bench.found.shares.__contains__, share))
    sampled_bench.gate.set()
    result = await asyncio.wait_for(task, PATIENCE_S)
    assert result.shares == sorted(result.shares)
    assert result.receipt is not None


async def test_a_waiter_learns_of_the_scan_that_is_least_far(sampled_bench: SampledBench) -> None:
    first = sampled_bench.first((0, 0))
    await until(lambda: sampled_bench.found.sampled)
    both = sampled_bench.first((0, 0), (1, 0))
    await until(lambda: len(sampled_bench.scans._by_piece) == 2)
    [begun] = {scan for scan in sampled_bench.scans._by_piece.values() if scan.has_begun}
    begun.cancel.advance(0.5)
    await until(lambda: sampled_bench.found.shares)
    assert set(sampled_bench.found.shares) == {0.0}
    sampled_bench.gate.set()
    await asyncio.wait_for(asyncio.gather(first, both), PATIENCE_S)


async def test_leaving_after_the_sample_ends_the_scan(sampled_bench: SampledBench) -> None:
    task = sampled_bench.first((0, 0))
    await until(lambda: sampled_bench.found.sampled)
    task.cancel()
    await until(lambda: not sampled_bench.scans._by_piece)
    sampled_bench.gate.set()
    await until(lambda: not sampled_bench.scans._running)
    assert not sampled_bench.found.ids
    assert sampled_bench.version.blocks_read <= 1


async def test_who_reads_packed_planes_shares_with_those_who_do_too(bench: Bench) -> None:
    bench.gate.set()
    many = np.random.default_rng(1).uniform(0, 1, (2, 5000))
    bench.version = MemoryVersion(VERSION, {"x": many[0], "y": many[1]}, gate=bench.gate)
    packing = replace(bench.job((0, 0)), packs=True)
    plain, packed, other = await asyncio.gather(
        *(bench.pieces(job) for job in (bench.job((0, 0)), packing, replace(packing)))
    )
    assert packed == other
    assert {piece_id: decode_piece(piece).planes[0].cells.tolist() for piece_id, piece in plain.items()} == {
        piece_id: decode_piece(piece).planes[0].cells.tolist() for piece_id, piece in packed.items()
    }
    (codec,) = {frame_pb2.Piece.FromString(piece).planes[0].codec for piece in packed.values()}
    assert codec == frame_pb2.CODEC_PACKED
    (codec,) = {frame_pb2.Piece.FromString(piece).planes[0].codec for piece in plain.values()}
    assert codec == frame_pb2.CODEC_SPARSE


def test_an_ask_says_which_codecs_it_takes(bench: Bench) -> None:
    ask = compute_pb2.RenderAsk(plan=plan(), tiles=tiles((0, 0)))
    assert not job_from_fetch(ask, GRANT, bench.version, 1).packs
    ask.codecs.append(frame_pb2.CODEC_PACKED)
    assert job_from_fetch(ask, GRANT, bench.version, 1).packs
