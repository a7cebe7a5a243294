"""The choice at the start, with the device that runs the kernels on the host in place of a card."""

import sys
from types import ModuleType
from typing import Any

import pytest
from compute_rig.host_device import HostDevice
from halftone_compute.backends.base import EngineError
from halftone_compute.backends.card import CardEngine
from halftone_compute.backends.choose import choose
from halftone_compute.backends.engines import PROCESSOR
from halftone_compute.settings import ComputeSettings
from structlog.testing import capture_logs

GPU = "halftone_compute.backends.card.gpu"


class Cards(ModuleType):
    """Stands for the module that opens GPUs: it has one, or what is wrong with it."""

    def __init__(self, wrong: EngineError | None = None) -> None:
        super().__init__(GPU)
        self.wrong = wrong
        self.asked: list[tuple[int | None, int]] = []

    def open_gpu(self, budget_bytes: int | None, reserved_bytes: int) -> CardEngine[Any]:
        self.asked.append((budget_bytes, reserved_bytes))
        if self.wrong is not None:
            raise self.wrong
        return CardEngine(HostDevice(name="A card"), 1 << 20)


def here(monkeypatch: pytest.MonkeyPatch, cards: Cards) -> Cards:
    monkeypatch.setitem(sys.modules, GPU, cards)
    return cards


def settings(backend: str, **others: Any) -> ComputeSettings:  # noqa: ANN401 - passed on as they are
    return ComputeSettings(compute_backend=backend, compute_slots=3, compute_pass_bytes=1 << 20, **others)


def test_the_processor_is_taken_without_a_look_for_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    cards = here(monkeypatch, Cards())
    with capture_logs() as logs:
        assert choose(settings("cpu")).current().name == "cpu"
    assert cards.asked == []
    assert [(line["event"], line["backend"], line["device"]) for line in logs] == [("engine", "cpu", PROCESSOR)]


@pytest.mark.parametrize("backend", ["auto", "gpu"])
def test_a_card_that_works_is_taken_and_the_processor_stands_in(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    cards = here(monkeypatch, Cards())
    with capture_logs() as logs:
        engines = choose(settings(backend))
    card = engines.current()
    assert isinstance(card, CardEngine)
    assert cards.asked == [(None, 3 << 20)]
    assert [(line["event"], line["backend"], line["device"]) for line in logs] == [("engine", "gpu", "A card")]
    assert engines.failed(card, EngineError("out_of_memory", "")).name == "cpu"


def test_the_budget_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    cards = here(monkeypatch, Cards())
    choose(settings("auto", compute_gpu_bytes=5 << 20))
    assert cards.asked == [(5 << 20, 3 << 20)]


@pytest.mark.parametrize("reason", ["card_lost", "out_of_memory"])
def test_a_card_that_does_not_work_is_left_alone(monkeypatch: pytest.MonkeyPatch, reason: Any) -> None:  # noqa: ANN401 - a Reason
    here(monkeypatch, Cards(EngineError(reason, "it counts wrong")))
    with capture_logs() as logs:
        assert choose(settings("auto")).current().name == "cpu"
    assert [(line["event"], line["backend"]) for line in logs] == [("engine", "cpu")]
    assert logs[0]["reason"] == "it counts wrong"
    with pytest.raises(EngineError, match="it counts wrong"):
        choose(settings("gpu"))


def test_libraries_that_are_not_there_are_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, GPU, None)
    with capture_logs() as logs:
        assert choose(settings("auto")).current().name == "cpu"
    assert "libraries" in logs[0]["reason"]
    with pytest.raises(EngineError, match="libraries"):
        choose(settings("gpu"))
