"""The device of CuPy: its own logic on a CuPy that does everything late, and all of it on a GPU where there is one.

Tests with the mark `gpu` need a GPU: `make gpu-test`.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from compute_rig.conformance import COUNT, LATTICE, MAX, MIN, ROWS, SQUARES, SUM, EngineConformance, planes, run
from compute_rig.deferred_cupy import CudaError, DeferredCupy
from compute_rig.host_device import HostDevice, HostMemory
from compute_rig.waiting import in_threads
from halftone_compute import metrics
from halftone_compute.backends.base import Cancel, EngineError, Task
from halftone_compute.backends.card import CardEngine
from halftone_compute.backends.card.engine import CardCanvas
from halftone_compute.backends.card.gpu import SLOT_BYTES, SLOTS, CupyDevice, check, default_budget, open_gpu, reason_of
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.store.base import Block
from typing_extensions import override

from bench.gpu import page
from bench.gpu.equality import UnequalError
from bench.gpu.measure import Bench
from bench.gpu.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUDGET = 1 << 28
RESERVED = 1 << 26


@pytest.fixture
def cupy(monkeypatch: pytest.MonkeyPatch) -> DeferredCupy:
    """In the place of CuPy, also where that is installed."""
    found = DeferredCupy()
    monkeypatch.setitem(sys.modules, "cupy", found)
    return found


class TestDeferred(EngineConformance):
    """Everything that the engine asks, through the real CupyDevice: nothing may depend on when a GPU does it."""

    # The host runs the kernels one thread after the other.
    cancel_rows = 50_000

    @pytest.fixture
    def backend(self, cupy: DeferredCupy) -> CardEngine[Any]:
        assert not cupy.streams
        return open_gpu(BUDGET, RESERVED)


class TestCard(EngineConformance):
    """The same on a card."""

    pytestmark = pytest.mark.gpu

    @pytest.fixture
    def backend(self) -> Iterator[CardEngine[Any]]:
        engine = open_gpu(BUDGET, RESERVED)
        yield engine
        engine.close()


@pytest.fixture(params=["deferred", pytest.param("card", marks=pytest.mark.gpu)])
def device(request: pytest.FixtureRequest) -> Iterator[CupyDevice]:
    """What both must do."""
    if request.param == "deferred":
        request.getfixturevalue("cupy")
    made = CupyDevice()
    yield made
    made.close()


@pytest.mark.parametrize("size", [0, 1, 511, SLOT_BYTES - 1, SLOT_BYTES, SLOT_BYTES + 1, (SLOTS + 2) * SLOT_BYTES + 3])
def test_bytes_come_back_as_they_went(device: CupyDevice, size: int) -> None:
    sent = np.random.default_rng(size).integers(0, 256, size, np.uint8)
    memory, kept, back = device.allocate(size), sent.copy(), np.zeros(size, np.uint8)
    device.upload(memory, sent)
    # It may change once `upload` returns, whether the GPU has read it or not.
    sent[:] = 0
    device.download(memory, back)
    np.testing.assert_array_equal(back, kept)


def test_any_array_in_c_order_is_bytes(device: CupyDevice) -> None:
    records = np.array([[(1, 2.5)], [(3, 4.5)]], np.dtype([("a", np.uint64), ("b", np.float64)]))
    records.flags.writeable = False
    memory, back = device.allocate(records.nbytes), np.zeros_like(records)
    device.upload(memory, records)
    device.download(memory, back)
    assert back.tolist() == records.tolist()
    with pytest.raises(ValueError, match="contiguous"):
        device.upload(memory, np.zeros((4, 4))[:, ::2])


def test_only_so_much_is_written(device: CupyDevice) -> None:
    memory, back = device.allocate(1024), np.zeros(1024, np.uint8)
    device.clear(memory)
    device.upload(memory, np.full(100, 7, np.uint8))
    device.download(memory, back)
    assert back.sum() == 700
    short = np.full(10, 9, np.uint8)
    device.download(memory, short)
    assert short.tolist() == [7] * 10


def test_memory_is_aligned_and_cleared_whole(device: CupyDevice) -> None:
    for size in (1, 300, 4097):
        memory, back = device.allocate(size), np.full(size, 1, np.uint8)
        device.clear(memory)
        device.download(memory, back)
        assert device.address(memory) % 256 == 0
        assert not back.any()


def test_memory_may_be_given_out_while_the_card_still_reads_it(device: CupyDevice) -> None:
    size, backs = 3 * SLOT_BYTES, []
    for value in range(1, 6):
        memory = device.allocate(size)
        device.upload(memory, np.full(size, value, np.uint8))
        back = np.zeros(size, np.uint8)
        device.download(memory, back)
        backs.append((value, back))
    assert all((back == value).all() for value, back in backs)


def test_threads_share_the_buffers(device: CupyDevice) -> None:
    wrong: list[int] = []

    def copy(value: int) -> None:
        for _ in range(3):
            size = SLOT_BYTES + value
            memory, back = device.allocate(size), np.zeros(size, np.uint8)
            device.upload(memory, np.full(size, value, np.uint8))
            device.download(memory, back)
            if not (back == value).all():
                wrong.append(value)

    in_threads([partial(copy, value) for value in range(1, 3 * SLOTS)])
    assert not wrong


def test_a_launch_of_nothing_is_none(device: CupyDevice) -> None:
    table = device.allocate(8)
    device.launch("count", table, 0, 1)
    device.launch("count", table, 1, 0)
    device.synchronize()


def test_more_than_there_is_concerns_one_task(device: CupyDevice) -> None:
    with pytest.raises(EngineError) as caught:
        device.allocate(1 << 50)
    assert caught.value.reason == "out_of_memory"
    assert device.allocate(1024) is not None


def test_memory_that_was_let_go_of_can_be_taken_again(device: CupyDevice) -> None:
    before = device.free_bytes()
    memory = device.allocate(1 << 26)
    taken = device.free_bytes()
    del memory
    assert taken <= before - (1 << 26)
    # What the pool keeps counts as free, and is given back.
    assert device.free_bytes() >= taken + (1 << 26)
    device.trim()
    assert device.free_bytes() >= taken + (1 << 26)


def test_a_kernel_that_is_not_there_is_an_error(device: CupyDevice) -> None:
    with pytest.raises(EngineError, match="not found"):
        device.launch("missing", device.allocate(8), 1, 1)


@pytest.mark.parametrize(
    "task",
    [
        Task(LATTICE, COUNT, "x", "y", 1),
        Task(LATTICE, COUNT, "x", "y", 1, category="c", categories=4),
        *(Task(LATTICE, kind, "x", "y", 1, value="v", value_dtype=np.dtype("f4")) for kind in (SUM, MIN, MAX, SQUARES)),
    ],
    ids=["count", "categories", "sum", "min", "max", "squares"],
)
def test_what_others_left_in_memory_is_never_seen(device: CupyDevice, task: Task) -> None:
    backend = CardEngine(device, BUDGET)
    size = backend.needs(task)
    memory = device.allocate(size)
    device.upload(memory, np.full(size, 0xAB, np.uint8))
    address = device.address(memory)
    del memory
    canvas = backend.open(task)
    assert isinstance(canvas, CardCanvas)
    assert device.address(canvas.held.memory) == address
    empty: dict[str, np.ndarray] = {name: np.zeros(0, "i4" if name == "c" else "f4") for name in "xyvc"}
    canvas.add(Block(0, empty, {}), Cancel())
    assert not any(plane.cells.any() for plane in canvas.planes())


def test_many_views_share_a_launch_and_a_small_budget(device: CupyDevice) -> None:
    """Columns that do not fit go and come again; no picture changes, and none falls back to the processor."""
    blocks = [Block(start, columns_of(ROWS, start), {}, "version") for start in range(0, 8 * ROWS, ROWS)]
    task = Task(LATTICE, COUNT, "x", "y", len(blocks) * ROWS)
    (expected,) = planes(CpuEngine(), task, *blocks)
    backend = CardEngine(device, 6 * ROWS * 8)
    launches, evictions = (value_of(metric) for metric in (metrics.GPU_LAUNCHES, metrics.GPU_EVICTIONS))
    made: list[np.ndarray] = []
    in_threads([lambda: made.append(planes(backend, task, *blocks)[0].cells)] * 16)
    assert len(made) == 16
    for cells in made:
        np.testing.assert_array_equal(cells, expected.cells)
    assert value_of(metrics.GPU_EVICTIONS) > evictions
    assert value_of(metrics.GPU_LAUNCHES) > launches
    assert backend.cache.bytes <= 6 * ROWS * 8


def test_small_float32_stay_below_zero(device: CupyDevice) -> None:
    """CuPy compiles with flushing unless it is asked otherwise: -1e-45 lies in the cell below zero."""
    columns: dict[str, np.ndarray] = {"x": np.array([-1e-45, 1e-45, -0.0], np.float32), "y": np.zeros(3)}
    task = Task(LATTICE, COUNT, "x", "y", 3)
    (plane,) = planes(CardEngine(device, BUDGET), task, Block(0, columns, {}))
    assert plane.cells[0, 254:258].tolist() == [0, 1, 2, 0]


def test_opening_says_why_there_is_no_card(cupy: DeferredCupy, monkeypatch: pytest.MonkeyPatch) -> None:
    cupy.devices = 0
    assert refusal() == "card_lost: CudaError: cudaErrorNoDevice: no CUDA-capable device is detected"
    cupy.devices, cupy.compiles = 1, False
    assert refusal() == "card_lost: the kernels do not compile: kernels.cu(1): error"
    monkeypatch.setitem(sys.modules, "cupy", None)
    assert refusal() == "card_lost: CuPy is not installed: pip install halftone-compute[gpu]"


def test_a_card_that_is_lost_says_so(cupy: DeferredCupy) -> None:
    backend = open_gpu(BUDGET, RESERVED)
    cupy.streams[-1].failure = CudaError(700, "cudaErrorIllegalAddress: an illegal memory access")
    with pytest.raises(EngineError) as caught:
        run(backend, Task(LATTICE, COUNT, "x", "y", ROWS), columns_of(ROWS))
    assert caught.value.reason == "card_lost"
    with pytest.raises(EngineError, match="IllegalAddress"):
        backend.close()


def test_a_card_that_counts_wrong_is_refused() -> None:
    check(CardEngine(HostDevice(), BUDGET))
    with pytest.raises(EngineError, match="counts wrong"):
        check(CardEngine(Flushing(), BUDGET))


class Flushing(HostDevice):
    """Takes small float32 for zero, as RawModule of CuPy would compile it."""

    @override
    def upload(self, memory: HostMemory, array: np.ndarray) -> None:
        is_small = array.dtype == np.float32
        super().upload(memory, np.where(np.abs(array) < 1e-38, np.float32(0), array) if is_small else array)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "out_of_memory"),
        (CudaError(2, "cudaErrorMemoryAllocation"), "out_of_memory"),
        (CudaError(719, "cudaErrorLaunchFailure"), "card_lost"),
        (RuntimeError("CuPy failed to load libnvrtc.so.12"), "card_lost"),
        (ImportError(), "card_lost"),
    ],
)
def test_an_error_concerns_one_task_or_the_card(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason


def test_columns_take_what_planes_leave_but_never_nothing() -> None:
    assert default_budget(10_000, 1_000) == 7_000
    assert default_budget(10_000, 9_000) == 2_500


def test_what_is_measured_on_a_card_can_be_measured_on_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Processor time, so that a busy machine changes nothing.
    monkeypatch.setattr(time, "perf_counter", time.thread_time)
    stopwatch = Stopwatch(HostDevice())
    lines: list[str] = []
    bench = Bench(CardEngine(stopwatch, BUDGET), stopwatch, rounds=1, tell=lines.append)
    found = bench.run([10_000, 20_000], lambda rows: "too many" if rows > 10_000 else "")
    assert len(lines) == len(found.passes) + len(found.crowds) == 2 * (6 + 3)
    assert all(0 < each.kernel_seconds < each.frame_seconds + 1 and each.launches for each in found.passes)
    assert {each.views for each in found.crowds} == {1, 8, 64}
    facts = {"device": "host", "memory_bytes": 1 << 30, "driver": 0, "cupy": "none", "copy_bytes_per_second": 1e10}
    written = tmp_path / "gpu.md"
    written.write_text(f"before\n{page.BEGIN}\nold figures\n{page.END}\nafter\n")
    page.write(facts | {"rounds": 1, "command": "this test"} | found.as_dict(), written)
    text = written.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old figures" not in text
    assert "20,000 rows: too many" in text
    assert "1,000,000,000 rows were not measured: no bar is met" in text


def test_nothing_is_measured_on_a_card_that_is_wrong() -> None:
    stopwatch = Stopwatch(Forgetful())
    bench = Bench(CardEngine(stopwatch, BUDGET), stopwatch, rounds=1, tell=pytest.fail)
    with pytest.raises(UnequalError, match="count of 10,000 rows"):
        bench.run([10_000], lambda _: "")


class Forgetful(HostDevice):
    """Leaves the last block of threads out."""

    @override
    def launch(self, kernel: str, table: HostMemory, tiles: int, entries: int) -> None:
        super().launch(kernel, table, tiles - (kernel == "count"), entries)


def test_a_bar_is_met_or_not() -> None:
    one = {"rows": 10**9, "reduction": "count", "order": "morton", "kernel_seconds": 3.5e-3, "bytes_read": 8 * 10**9}
    found = {"copy_bytes_per_second": 3e12, "passes": [one, one | {"order": "random", "kernel_seconds": 9e-3}]}
    assert [line.rsplit(": ", 1)[1] for line in page.bars(found)] == ["met", "met", "NOT MET", "NOT MET"]


def columns_of(rows: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {"x": (rng.integers(-400, 400, rows) / 32).astype("f4"), "y": rng.integers(-64, 1024, rows) / 64}


def value_of(metric: Any) -> float:  # noqa: ANN401 - a Counter of prometheus_client
    return float(metric._value.get())


def refusal() -> str:
    with pytest.raises(EngineError) as caught:
        open_gpu(BUDGET, RESERVED)
    return str(caught.value)
