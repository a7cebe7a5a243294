"""The engine for GPUs: columns kept in the GPU's memory, and kernels that several views share a launch of."""

from halftone_compute.backends.card.engine import CardEngine

__all__ = ["CardEngine"]
