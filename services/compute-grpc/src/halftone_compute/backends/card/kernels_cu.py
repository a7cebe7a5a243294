"""The source of `kernels.cu`, and what every compiler of it is asked for: on a GPU, and in the tests without one."""

from importlib.resources import files

# Fused or flushed arithmetic rounds otherwise than Datashader: a row would move to another cell.
OPTIONS = ("-std=c++17", "--fmad=false", "--ftz=false")


def source() -> str:
    """The CUDA source."""
    return files("halftone_compute.backends.card").joinpath("kernels.cu").read_text()
