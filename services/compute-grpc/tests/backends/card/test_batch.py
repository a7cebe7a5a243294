"""Batches: all that waits shares the next launch, a failure reaches all of it, and a cancel costs no other picture."""

import threading
from collections.abc import Callable

import numpy as np
import pytest
from compute_rig.host_device import HostDevice
from compute_rig.waiting import PATIENCE_S, in_threads, wait_until
from halftone_compute.backends.base import Cancel, EngineError
from halftone_compute.backends.card.batch import (
    AXIS,
    RUN,
    TILE,
    WORK,
    Axis,
    Batcher,
    Read,
    Target,
    Work,
    entry_of,
    tiles_of,
    whole_runs,
)
from halftone_servicekit.errors import HalftoneError
from typing_extensions import override

LATTICE = 1


class Bench:
    """Counts of 16 rows in one cell; the first launch waits for `go`, if it is held."""

    def __init__(self, held: bool = False) -> None:
        self.device = HostDevice(launching=self._wait)
        self.batcher = Batcher(self.device)
        self.begun, self.go = threading.Event(), threading.Event()
        if not held:
            self.go.set()
        rows = np.zeros(RUN, np.int32)
        self.rows = self.device.allocate(rows.nbytes)
        self.device.upload(self.rows, rows)
        self.zones = self.device.allocate(8)
        self.device.clear(self.zones)
        self.counts = self.device.allocate(4)
        self.device.clear(self.counts)

    def work(self, kernel: str = "count") -> Work:
        axis = Axis(self.device.address(self.rows), self.device.address(self.zones), cells=1, kind=LATTICE)
        read, planes = Read(), 0
        if kernel == "categories":
            read, planes = Read(codes=self.device.address(self.rows)), 1
        entry = entry_of(axis, axis, read, RUN, Target(self.device.address(self.counts), planes=planes))
        return Work(kernel, entry, RUN, (self.rows, self.zones, self.counts), 64)

    @property
    def counted(self) -> int:
        found = np.zeros(1, np.uint32)
        self.device.download(self.counts, found)
        return int(found[0])

    def waiting(self, orders: int) -> Callable[[], bool]:
        return lambda: len(self.batcher._waiting) == orders

    def _wait(self, entries: int) -> None:
        self.begun.set()
        assert self.go.wait(PATIENCE_S)


def start(work: Callable[[], None]) -> tuple[threading.Thread, list[BaseException]]:
    failed: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except (EngineError, HalftoneError) as error:
            failed.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    return thread, failed


def test_layouts_are_those_of_the_kernels() -> None:
    assert (AXIS.itemsize, WORK.itemsize, TILE) == (80, 2 * 80 + 9 * 8 + 2 * 8 + 4 * 4, 4096)
    assert [whole_runs(rows) for rows in (0, 1, 16, 17)] == [0, 16, 16, 32]
    assert [tiles_of(rows) for rows in (0, 1, 4096, 4097)] == [0, 1, 1, 2]


def test_an_entry_has_each_number_where_the_kernels_read_it() -> None:
    x, y = Axis(*range(1, 12)), Axis(*range(12, 23))
    target = Target(28, 29, 30, 31, 32, 33, 34, True, False)
    (found,) = np.frombuffer(entry_of(x, y, Read(23, 24, 25, 26), 27, target), WORK)
    assert (Axis(*found["x"].item()), Axis(*found["y"].item())) == (x, y)
    assert [name for name in WORK.names or () if name not in "xy"] == [
        *Read._fields,
        *Target._fields[:5],
        "rows",
        *Target._fields[5:],
        "unused",
    ]
    assert found.item()[2:] == (23, 24, 25, 26, 28, 29, 30, 31, 32, 27, 33, 34, 1, 0, 0)


def test_one_view_is_launched_at_once() -> None:
    bench = Bench()
    bench.batcher.run([bench.work()], Cancel())
    assert bench.device.launched == [("count", 1, 1)]
    assert bench.counted == RUN


def test_views_that_wait_share_the_next_launch() -> None:
    bench = Bench(held=True)
    threads = [start(lambda: bench.batcher.run([bench.work()], Cancel()))]
    assert bench.begun.wait(PATIENCE_S)
    threads += [start(lambda: bench.batcher.run([bench.work(), bench.work()], Cancel())) for _ in range(3)]
    wait_until(bench.waiting(3))
    bench.go.set()
    for thread, failed in threads:
        thread.join()
        assert not failed
    assert bench.device.launched == [("count", 1, 1), ("count", 1, 6)]
    assert bench.counted == 7 * RUN


def test_who_has_left_before_the_launch_is_left_out() -> None:
    bench = Bench(held=True)
    running = start(lambda: bench.batcher.run([bench.work()], Cancel()))
    assert bench.begun.wait(PATIENCE_S)
    cancel = Cancel()
    left = start(lambda: bench.batcher.run([bench.work()], cancel))
    stays = start(lambda: bench.batcher.run([bench.work()], Cancel()))
    wait_until(bench.waiting(2))
    cancel.set()
    bench.go.set()
    for thread, _ in (running, left, stays):
        thread.join()
    assert bench.device.launched == [("count", 1, 1), ("count", 1, 1)]
    assert bench.counted == 2 * RUN
    assert isinstance(left[1][0], HalftoneError)
    assert not running[1] + stays[1]


def test_a_failure_reaches_everybody_in_the_launch_and_nobody_after_it() -> None:
    bench = Bench(held=True)
    threads = [start(lambda: bench.batcher.run([bench.work()], Cancel())) for _ in range(1)]
    assert bench.begun.wait(PATIENCE_S)

    def lost(entries: int) -> None:
        raise EngineError("card_lost", "driver")

    threads += [start(lambda: bench.batcher.run([bench.work()], Cancel())) for _ in range(2)]
    wait_until(bench.waiting(2))
    bench.device.launching = lost
    bench.go.set()
    for thread, _ in threads:
        thread.join()
    assert [len(failed) for _, failed in threads] == [0, 1, 1]
    bench.device.launching = bench._wait
    bench.batcher.run([bench.work()], Cancel())
    assert bench.counted == 2 * RUN


def test_a_failure_that_nobody_foresaw_passes_no_picture_for_finished() -> None:
    bench = Bench(held=True)
    raised: list[str] = []

    def ask() -> None:
        try:
            bench.batcher.run([bench.work()], Cancel())
        except RuntimeError as error:
            raised.append(str(error))

    def broken(entries: int) -> None:
        raise RuntimeError("inside")

    def both_wait() -> None:
        assert bench.begun.wait(PATIENCE_S)
        wait_until(bench.waiting(2))
        bench.device.launching = broken
        bench.go.set()

    running = start(lambda: bench.batcher.run([bench.work()], Cancel()))
    assert bench.begun.wait(PATIENCE_S)
    in_threads([ask, ask, both_wait])
    running[0].join()
    assert not running[1]
    assert raised == ["inside", "inside"]


def test_a_device_that_does_not_answer_is_told_to_who_waits() -> None:
    class Silent(HostDevice):
        @override
        def synchronize(self) -> None:
            raise EngineError("card_lost", "driver")

    with pytest.raises(EngineError):
        Batcher(Silent()).run([Bench().work()], Cancel())


def test_different_kernels_are_different_launches() -> None:
    bench = Bench()
    bench.batcher.run([bench.work(), bench.work("categories"), bench.work()], Cancel())
    assert bench.device.launched == [("count", 1, 2), ("categories", 1, 1)]
    assert bench.counted == 3 * RUN
