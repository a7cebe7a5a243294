"""Which engine this process works with: a GPU where one is there and wanted, else the processor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from halftone_compute.backends.base import EngineError
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import PROCESSOR, Engines

if TYPE_CHECKING:
    from halftone_compute.backends.card import CardEngine
    from halftone_compute.settings import ComputeSettings

log = structlog.get_logger(__name__)


def choose(settings: ComputeSettings) -> Engines:
    """Raises EngineError when the settings insist on a GPU and none works."""
    if settings.compute_backend == "cpu":
        return _processor("chosen by the settings")
    try:
        card = _card(settings)
    except EngineError as error:
        if settings.compute_backend == "gpu":
            raise
        return _processor(error.detail)
    engines = Engines(card, CpuEngine(), card.device.name)
    log.info("engine", backend=card.name, device=card.device.name, reason="a GPU works")
    return engines


def _processor(reason: str) -> Engines:
    engines = Engines(CpuEngine())
    log.info("engine", backend=CpuEngine.name, device=PROCESSOR, reason=reason)
    return engines


def _card(settings: ComputeSettings) -> CardEngine[Any]:
    try:
        # Where there is no GPU its libraries are mostly not there either.
        from halftone_compute.backends.card.gpu import open_gpu
    except ImportError as error:
        raise EngineError("card_lost", f"the libraries for GPUs are not there ({error})") from error
    return open_gpu(settings.compute_gpu_bytes, settings.compute_slots * settings.compute_pass_bytes)
