"""Stored tiles: where each lies, and what other tiles are put together from."""
