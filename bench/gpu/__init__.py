"""Measures the engine for cards on a real card: `python -m bench.gpu`."""
