"""Where values lie on an axis: the transforms of `halftone_views`, compiled for arrays."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numba
import numpy as np
from halftone.v1 import compute_pb2
from halftone_views.lattice.bins import middle_of_bin, terms_of
from halftone_views.lattice.transform import transform_of, transforms

if TYPE_CHECKING:
    from collections.abc import Callable

    from halftone_views.codes import TransformCode
    from halftone_views.columns import TimeUnit

_MICROSECONDS = {"us": 1, "ms": 1000}


def places(
    transform: TransformCode,
    values: np.ndarray,
    valid: np.ndarray | None = None,
    unit: TimeUnit = "us",
    width: float = 0.0,
) -> np.ndarray:
    """A new float64 array of shape (rows,): the place of each value, NaN where it has none or where `valid` is False.

    `unit` is that of times, of which steps are made. The same numbers as `Transform.forward` gives one by one; with a
    `width` above 0 the middle of the bin that holds it, as `middle_of_bin` gives it.
    """
    if transform_of(transform).has_steps and unit != "us":
        values = values * _MICROSECONDS[unit]
    # The compiled function may look at a logarithm that it then leaves out.
    with np.errstate(all="ignore"):
        found: np.ndarray = _compiled(transform)(values)
        if width:
            known = transform_of(transform)
            if transform == compute_pb2.TRANSFORM_LINEAR:
                found[(found < known.low) | (found > known.high)] = np.nan
            found = _binned()(found, *terms_of(width))
    if valid is not None:
        found[~valid] = np.nan
    return found


def warm_up() -> None:
    """Compiles every transform, and bins, so that no request waits for it."""
    for code in transforms():
        places(code, np.ones(1, np.int64))
    _binned()


@cache
def _compiled(transform: TransformCode) -> np.ufunc:
    # By Numba, as Datashader compiles its logarithmic axis: where NumPy's own logarithm is vectorised for the processor
    # at hand, it differs in the last bit. NumPy's loop around the compiled function frees the GIL.
    known = transform_of(transform)
    # Parts of time are counted in whole microseconds, which float64 does not hold for all years.
    signature = "float64(int64)" if known.has_steps else "float64(float64)"
    compiled: Callable[..., np.ufunc] = numba.vectorize([signature], cache=True)  # type: ignore[no-untyped-call]  # of Numba
    return compiled(known.forward)


@cache
def _binned() -> np.ufunc:
    compiled: Callable[..., np.ufunc] = numba.vectorize(["float64(float64, float64, float64)"], cache=True)  # type: ignore[no-untyped-call]  # of Numba
    return compiled(middle_of_bin)
