"""Who makes pictures: the preferred engine, and the one that stands in."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from compute_rig.conformance import COUNT
from compute_rig.failing import FailingEngine
from compute_rig.waiting import PATIENCE_S
from halftone_compute import metrics
from halftone_compute.backends.base import Cancel, EngineError, Task
from halftone_compute.backends.cpu.engine import LATTICE, CpuEngine
from halftone_compute.backends.engines import PROCESSOR, Engines
from halftone_servicekit.errors import HalftoneError
from structlog.testing import capture_logs
from typing_extensions import override

LOST = EngineError("card_lost", "it fell off the bus")
FULL = EngineError("out_of_memory", "8 bytes")


class Counted(CpuEngine):
    """A stand-in that counts what is compiled and closed."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    @override
    def warm_up(self) -> None:
        self.asked.append("warm_up")

    @override
    def warm_up_free(self, cancel: Cancel) -> None:
        self.asked.append("warm_up_free")

    @override
    def close(self) -> None:
        self.asked.append("close")


def shown() -> dict[tuple[str, str], float]:
    """(backend, device) of each engine that the metric names."""
    return {
        (sample.labels["backend"], sample.labels["device"]): sample.value
        for family in metrics.BACKEND_INFO.collect()
        for sample in family.samples
    }


def test_an_engine_alone_passes_its_failures_on() -> None:
    only = CpuEngine()
    engines = Engines(only)
    assert engines.current() is only
    for error in (LOST, FULL):
        with pytest.raises(EngineError) as caught:
            engines.failed(only, error)
        assert caught.value is error
    assert engines.current() is only
    assert shown() == {("cpu", PROCESSOR): 1}


class Large(CpuEngine):
    """Needs the bytes that it was made with."""

    def __init__(self, size: int) -> None:
        self.size = size

    @override
    def needs(self, task: Task) -> int:
        return self.size


def test_memory_is_planned_for_any_engine_that_may_make_a_picture() -> None:
    task = Task(LATTICE, COUNT, "x", "y", 1)
    assert Engines(Large(7)).needs(task) == 7
    assert Engines(Large(7), Large(5)).needs(task) == 7
    engines = Engines(Large(7), Large(9))
    assert engines.needs(task) == 9
    engines = Engines(Large(9), Large(7))
    engines.failed(engines.current(), LOST)
    assert engines.needs(task) == 7
    assert Engines(FailingEngine("card_lost", "needs"), Large(5)).needs(task) == 5


def test_what_lacks_memory_concerns_one_picture() -> None:
    first, second = FailingEngine(), CpuEngine()
    engines = Engines(first, second, "A card")
    assert engines.failed(first, FULL) is second
    assert engines.current() is first
    assert engines.degraded(first) == ""
    assert not first.is_closed
    assert shown() == {("gpu", "A card"): 1}


def test_a_card_that_is_lost_is_not_asked_again() -> None:
    first, second = FailingEngine(), CpuEngine()
    engines = Engines(first, second, "A card")
    with capture_logs() as logs:
        assert engines.failed(first, LOST) is second
    assert engines.current() is second
    assert engines.degraded(engines.current()) == "card_lost"
    assert shown() == {("cpu", PROCESSOR): 1}
    assert [(line["event"], line["log_level"], line["backend"]) for line in logs] == [("card_lost", "error", "cpu")]
    assert logs[0]["detail"] == "it fell off the bus"
    engines.close()
    assert first.asked == ["close"]


def test_the_one_that_stands_in_has_no_other() -> None:
    first, second = FailingEngine(), CpuEngine()
    engines = Engines(first, second)
    engines.failed(first, LOST)
    with pytest.raises(EngineError):
        engines.failed(second, LOST)


def test_a_loss_that_many_find_is_told_and_closed_once() -> None:
    first, second = FailingEngine(), CpuEngine()
    engines = Engines(first, second)
    together = Barrier(8)

    def lose(_: int) -> bool:
        together.wait(PATIENCE_S)
        return engines.failed(first, LOST) is second

    with ThreadPoolExecutor(8) as threads, capture_logs() as logs:
        assert all(threads.map(lose, range(8)))
    assert first.asked == ["close"]
    assert [line["event"] for line in logs] == ["card_lost"]


def test_a_lost_card_that_cannot_be_closed_costs_nobody_a_picture() -> None:
    first, second = FailingEngine("card_lost", "close"), CpuEngine()
    engines = Engines(first, second)
    with capture_logs() as logs:
        assert engines.failed(first, LOST) is second
    assert first.is_closed
    assert [line["event"] for line in logs] == ["card_lost", "card_not_closed"]
    engines.close()


def test_tiles_wait_for_the_engine_that_makes_them_alone() -> None:
    first, second = FailingEngine(), Counted()
    engines = Engines(first, second)
    engines.warm_up()
    assert (first.asked, second.asked) == (["warm_up"], [])
    engines.warm_up_free(Cancel())
    assert (first.asked, second.asked) == (["warm_up", "warm_up_free"], ["warm_up", "warm_up_free"])
    engines.close()
    assert (first.asked[-1], second.asked[-1]) == ("close", "close")


@pytest.mark.parametrize("step", ["warm_up", "warm_up_free"])
def test_a_card_that_is_lost_while_it_is_warmed_up_is_given_up(step: str) -> None:
    first, second = FailingEngine("card_lost", step), Counted()
    engines = Engines(first, second)
    engines.warm_up()
    assert second.asked == (["warm_up"] if step == "warm_up" else [])
    engines.warm_up_free(Cancel())
    assert engines.current() is second
    assert second.asked[-2:] == ["warm_up", "warm_up_free"]


def test_a_stop_ends_the_warm_up_of_the_one_that_stands_in() -> None:
    cancel, second = Cancel(), Counted()
    cancel.set()
    with pytest.raises(HalftoneError):
        Engines(FailingEngine(), second).warm_up_free(cancel)
    assert second.asked == []
