"""Where values lie on an axis: the transforms of `halftone_views`, compiled for arrays."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numba
import numpy as np
from halftone.v1 import compute_pb2
from halftone_views.lattice.transform import transform_of, transforms

if TYPE_CHECKING:
    from collections.abc import Callable

    from halftone_views.codes import TransformCode


def places(transform: TransformCode, values: np.ndarray, valid: np.ndarray | None = None) -> np.ndarray:
    """A new float64 array of shape (rows,): the place of each value, NaN where it has none or where `valid` is False.

    The same numbers as `Transform.forward` gives one by one.
    """
    # The compiled function may look at a logarithm that it then leaves out.
    with np.errstate(all="ignore"):
        found: np.ndarray = _compiled(transform)(values)
    if valid is not None:
        found[~valid] = np.nan
    return found


def warm_up() -> None:
    """Compiles every transform, so that no request waits for it."""
    for code in transforms():
        if code != compute_pb2.TRANSFORM_LINEAR:
            places(code, np.ones(1))


@cache
def _compiled(transform: TransformCode) -> np.ufunc:
    # By Numba, as Datashader compiles its logarithmic axis: where NumPy's own logarithm is vectorised for the processor
    # at hand, it differs in the last bit. NumPy's loop around the compiled function frees the GIL.
    compiled: Callable[..., np.ufunc] = numba.vectorize(["float64(float64)"], cache=True)  # type: ignore[no-untyped-call]  # of Numba
    return compiled(transform_of(transform).forward)
