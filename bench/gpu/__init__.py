"""Measures the GPU engine on a real GPU: `python -m bench.gpu`."""
