"""The fair queue, and the slots behind it."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from compute_rig.waiting import PATIENCE_S
from halftone_compute import metrics
from halftone_compute.serve.admit import Admission, FairQueue
from halftone_servicekit.errors import ErrorCode, HalftoneError
from hypothesis import given
from hypothesis import strategies as st


def test_people_take_turns_and_each_keeps_the_order() -> None:
    queue: FairQueue[str] = FairQueue(10, 10)
    for item in ("a1", "a2", "a3", "b1", "c1", "b2"):
        queue.push(item[0], item)
    assert [queue.pop() for _ in range(7)] == ["a1", "b1", "c1", "a2", "b2", "a3", None]


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

    async def work() -> None:
        nonlocal running, most
        async with admission.slot("a"):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(work() for _ in range(20)))
    assert most == 2


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
