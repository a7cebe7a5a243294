"""The engine against its peers on the same rows and pictures: `python -m bench.engine`."""
