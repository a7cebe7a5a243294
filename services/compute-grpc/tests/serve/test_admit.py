"""The fair queue, the slots behind it, and what two people wait for on a real server."""

import asyncio
import threading
from contextlib import AsyncExitStack

import numpy as np
import pytest
from compute_rig.client import plan, tiles
from compute_rig.rig import Rig
from compute_rig.waiting import PATIENCE_S, until
from halftone.v1 import compute_pb2
from halftone_compute import metrics
from halftone_compute.backends.base import Cancel, Canvas, Task
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render.read import rows as rows_module
from halftone_compute.serve.admit import Admission, FairQueue
from halftone_compute.store.base import Block
from halftone_servicekit.errors import ErrorCode, HalftoneError
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override


def test_people_take_turns_and_each_keeps_the_order() -> None:
    queue: FairQueue[str] = FairQueue(10, 10)
    for item in ("a1", "a2", "a3", "b1", "c1", "b2"):
        queue.push(item[0], item)
    assert [queue.pop() for _ in range(7)] == ["a1", "b1", "c1", "a2", "b2", "a3", None]


def test_who_may_have_nothing_now_keeps_the_place_in_line() -> None:
    queue: FairQueue[str] = FairQueue(10, 10)
    for item in ("a1", "b1", "b2"):
        queue.push(item[0], item)
    assert queue.pop(lambda user: user == "b") == "b1"
    assert queue.pop(lambda user: user == "c") is None
    assert [queue.pop() for _ in range(3)] == ["a1", "b2", None]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=40))
def test_nothing_is_lost_or_served_twice(steps: list[tuple[str, int]]) -> None:
    queue: FairQueue[tuple[str, int]] = FairQueue(1000, 1000)
    waiting: set[tuple[str, int]] = set()
    for step, (user, action) in enumerate(steps):
        if action == 0:
            served = queue.pop()
            assert (served in waiting) if waiting else served is None
            waiting.discard(served or ("", 0))
        elif action == 1 and waiting:
            gone = min(waiting)
            queue.remove(gone[0], gone)
            queue.remove(gone[0], gone)
            waiting.remove(gone)
        else:
            queue.push(user, (user, step))
            waiting.add((user, step))
        assert len(queue) == len(waiting)


@pytest.mark.parametrize(("capacity", "per_user"), [(2, 9), (9, 2)])
def test_a_full_queue_says_so(capacity: int, per_user: int) -> None:
    queue: FairQueue[int] = FairQueue(capacity, per_user)
    queue.push("a", 1)
    queue.push("a", 2)
    with pytest.raises(HalftoneError) as caught:
        queue.push("a", 3)
    assert caught.value.code is ErrorCode.OVERLOADED
    assert caught.value.retry_after_ms > 0
    assert len(queue) == 2


async def test_no_more_than_the_slots_run_at_once() -> None:
    admission = Admission(2, 100, 100)
    running = most = 0

    async def work(user: str) -> None:
        nonlocal running, most
        async with admission.slot(user):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(work(user) for user in "ab" * 10))
    assert most == 2


@pytest.mark.parametrize(
    ("slots", "users", "expected"), [(1, "ab", "a"), (2, "aaabc", "aab"), (2, "abc", "ab"), (3, "aaabcd", "aaab")]
)
async def test_who_has_none_need_not_wait_for_one_who_has_several(slots: int, users: str, expected: str) -> None:
    admission = Admission(slots, 10, 10)
    leave = asyncio.Event()
    holding: list[str] = []

    async def hold(user: str) -> None:
        async with admission.slot(user):
            holding.append(user)
            await leave.wait()

    holders = [asyncio.create_task(hold(user)) for user in users]
    for _ in range(3):
        await asyncio.sleep(0)
    assert "".join(sorted(holding)) == expected
    leave.set()
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*holders)
    assert "".join(sorted(holding)) == users
    assert admission.load() == 0


async def test_a_wait_that_is_cancelled_takes_no_slot() -> None:
    admission = Admission(1, 10, 10)

    async def hold() -> None:
        async with admission.slot("b"):
            pass

    async with AsyncExitStack() as held:
        await held.enter_async_context(admission.slot("a"))
        waiting = [asyncio.create_task(hold()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.sleep(0)
    # The slot goes to the second in this moment; its cancel must hand it on.
    waiting[1].cancel()
    results = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), PATIENCE_S)
    assert [type(result) for result in results] == [asyncio.CancelledError, asyncio.CancelledError, type(None)]
    async with asyncio.timeout(PATIENCE_S), admission.slot("c"):
        pass


def slot_load() -> float:
    """As a scrape finds it."""
    (family,) = metrics.SLOT_LOAD.collect()
    return family.samples[0].value


async def test_the_load_is_what_runs_and_what_waits_over_the_slots() -> None:
    admission = Admission(2, 10, 10)
    leave = asyncio.Event()

    async def hold() -> None:
        async with admission.slot("a"):
            await leave.wait()

    seen, holders = [slot_load()], []
    for _ in range(3):
        holders.append(asyncio.create_task(hold()))
        await asyncio.sleep(0)
        seen.append(slot_load())
    leave.set()
    await asyncio.gather(*holders)
    assert [*seen, slot_load()] == [0, 0.5, 1, 1.5, 0]


BLOCKS, BLOCK_ROWS = 12, 500
HELD = plan(x=compute_pb2.Axis(column="held", transform=compute_pb2.TRANSFORM_LINEAR))


class Holding(CpuEngine):
    """Each block of a picture whose x is the column `held` waits until the test lets it go on."""

    def __init__(self) -> None:
        self.held = self.added = 0
        self.let_go = threading.Semaphore(0)
        self._lock = threading.Lock()

    @override
    def open(self, task: Task) -> Canvas:
        canvas = super().open(task)
        return HoldingCanvas(canvas, self) if task.x == "held" else canvas

    def hold(self) -> None:
        with self._lock:
            self.held += 1
        assert self.let_go.acquire(timeout=PATIENCE_S)
        with self._lock:
            self.held -= 1
            self.added += 1


class HoldingCanvas:
    def __init__(self, canvas: Canvas, engine: Holding) -> None:
        self._canvas = canvas
        self._engine = engine
        self.planes = canvas.planes

    def add(self, block: Block, cancel: Cancel) -> None:
        self._engine.hold()
        self._canvas.add(block, cancel)


async def test_a_person_waits_for_no_block_of_the_scans_of_another(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many pictures the other has asked for, and though these have all slots and cores."""
    monkeypatch.setattr(rows_module, "BLOCK_ROWS", BLOCK_ROWS)
    engine = Holding()
    rig.engines = Engines(engine)
    rig.put(dict.fromkeys(("x", "y", "held"), np.zeros(BLOCKS * BLOCK_ROWS)), block_rows=BLOCK_ROWS)
    async with rig.serving(compute_slots=2) as serving:
        ann, ben = (serving.client(rig.signer.grant(sub=name)) for name in ("ann", "ben"))
        try:
            for request_id in range(1, 4):
                await ann.ask(request_id, plan=HELD, tiles=tiles((0, request_id)))
            await until(lambda: metrics.SLOTS_BUSY._value.get() == 2 and engine.held >= 2)
            answered = await asyncio.wait_for(ben.run(1), PATIENCE_S)
            assert answered.done is not None
            assert answered.done.rows_scanned == BLOCKS * BLOCK_ROWS
            assert engine.added == 0
        finally:
            engine.let_go.release(3 * BLOCKS)
        for request_id in range(1, 4):
            assert (await ann.answer(request_id)).done is not None
        assert engine.added == 3 * BLOCKS
