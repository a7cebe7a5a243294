"""The engine for cards: columns kept in the card's memory, and kernels that several views share a launch of."""

from halftone_compute.backends.card.engine import CardBackend

__all__ = ["CardBackend"]
