"""Planes of two sets of rows that share no row, as planes of all of them. Pure.

Counts and sums add up; extremes are those of the side that has values; of first and last values that counts whose row
comes first or last in the file, which takes the numbers of these rows; of the earliest and the latest on x that whose
order is the greater; squares about two means become squares about the common one (Chan, Golub and LeVeque 1983,
"Algorithms for computing the sample variance"), which needs the sums.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from halftone.v1 import frame_pb2
from halftone_views.codes import EARLIEST_KEYS, FIRST_ROWS, LAST_ROWS, LATEST_KEYS
from halftone_wire import Plane

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from halftone_views.codes import Role

    Cells = Mapping[tuple[Role, int], np.ndarray]
    Join = Callable[[int, Cells, Cells], np.ndarray]

Planes: TypeAlias = "Sequence[Plane]"

X_AXIS, Y_AXIS = 1, 0


def joined(first: Planes, second: Planes) -> list[Plane]:
    """Planes of the same roles, shapes and order: squares with sums, first and last values with the numbers of rows,
    the earliest and the latest with their orders.
    """
    a, b = _cells(first), _cells(second)
    return [Plane(plane.role, _JOINS[plane.role](plane.category, a, b), plane.category) for plane in first]


def halved(planes: Planes, axis: int) -> list[Plane]:
    """The same rows on cells twice as long on an axis: X_AXIS or Y_AXIS, whose number of cells is even."""
    parts = [[Plane(plane.role, _every(plane.cells, axis, at), plane.category) for plane in planes] for at in (0, 1)]
    return joined(*parts)


def beside(first: Planes, second: Planes, axis: int) -> list[Plane]:
    """Planes of one region out of those of its lower and its upper half."""
    return [
        Plane(low.role, np.concatenate((low.cells, high.cells), axis), low.category)
        for low, high in zip(first, second, strict=True)
    ]


def _every(cells: np.ndarray, axis: int, start: int) -> np.ndarray:
    return cells[:, start::2] if axis == X_AXIS else cells[start::2]


def _cells(planes: Planes) -> Cells:
    return {(plane.role, plane.category): plane.cells for plane in planes}


def _adding(role: Role) -> Join:
    def join(category: int, a: Cells, b: Cells) -> np.ndarray:
        total: np.ndarray = a[role, category] + b[role, category]
        return total

    return join


def _extreme(role: Role, better: np.ufunc) -> Join:
    def join(category: int, a: Cells, b: Cells) -> np.ndarray:
        left, right = a[role, category], b[role, category]
        has_left, has_right = (side[frame_pb2.PLANE_ROLE_VALID, category] > 0 for side in (a, b))
        both: np.ndarray = better(left, right)
        return np.where(has_left & has_right, both, np.where(has_left, left, right))

    return join


def _outermost(role: Role, rows: Role, is_before: np.ufunc) -> Join:
    def join(category: int, a: Cells, b: Cells) -> np.ndarray:
        has_left, has_right = (side[frame_pb2.PLANE_ROLE_VALID, category] > 0 for side in (a, b))
        is_left = has_left & (~has_right | is_before(a[rows, category], b[rows, category]))
        return np.where(is_left, a[role, category], b[role, category])

    return join


def _at_end(role: Role, orders: Role, pick: np.ufunc) -> Join:
    def join(category: int, a: Cells, b: Cells) -> np.ndarray:
        left, right = a[orders, category], b[orders, category]
        outer = np.where(left > right, a[role, category], b[role, category])
        # Of rows at one place one with a value counts.
        return np.where(left == right, pick(a[role, category], b[role, category]), outer)

    return join


def _greatest(role: Role) -> Join:
    """Of orders, which are 0 where there is no row."""

    def join(category: int, a: Cells, b: Cells) -> np.ndarray:
        greatest: np.ndarray = np.maximum(a[role, category], b[role, category])
        return greatest

    return join


def _squares(category: int, a: Cells, b: Cells) -> np.ndarray:
    counts = [side[frame_pb2.PLANE_ROLE_VALID, category].astype(np.float64) for side in (a, b)]
    means = [
        np.divide(side[frame_pb2.PLANE_ROLE_SUM, category], count, out=np.zeros(count.shape), where=count > 0)
        for side, count in zip((a, b), counts, strict=True)
    ]
    total = counts[0] + counts[1]
    share = np.divide(counts[0] * counts[1], total, out=np.zeros(total.shape), where=total > 0)
    squares: np.ndarray = a[frame_pb2.PLANE_ROLE_SQUARES, category] + b[frame_pb2.PLANE_ROLE_SQUARES, category]
    squares += (means[1] - means[0]) ** 2 * share
    return squares


_JOINS: Mapping[int, Join] = MappingProxyType(
    {
        **{
            role: _adding(role)
            for role in (
                frame_pb2.PLANE_ROLE_COUNT,
                frame_pb2.PLANE_ROLE_VALID,
                frame_pb2.PLANE_ROLE_SUM,
                frame_pb2.PLANE_ROLE_CATEGORY,
            )
        },
        frame_pb2.PLANE_ROLE_MIN: _extreme(frame_pb2.PLANE_ROLE_MIN, np.minimum),
        frame_pb2.PLANE_ROLE_MAX: _extreme(frame_pb2.PLANE_ROLE_MAX, np.maximum),
        frame_pb2.PLANE_ROLE_SQUARES: _squares,
        frame_pb2.PLANE_ROLE_FIRST: _outermost(frame_pb2.PLANE_ROLE_FIRST, FIRST_ROWS, np.less),
        frame_pb2.PLANE_ROLE_LAST: _outermost(frame_pb2.PLANE_ROLE_LAST, LAST_ROWS, np.greater),
        frame_pb2.PLANE_ROLE_EARLIEST: _at_end(frame_pb2.PLANE_ROLE_EARLIEST, EARLIEST_KEYS, np.fmin),
        frame_pb2.PLANE_ROLE_LATEST: _at_end(frame_pb2.PLANE_ROLE_LATEST, LATEST_KEYS, np.fmax),
        EARLIEST_KEYS: _greatest(EARLIEST_KEYS),
        LATEST_KEYS: _greatest(LATEST_KEYS),
        FIRST_ROWS: _extreme(FIRST_ROWS, np.minimum),
        LAST_ROWS: _extreme(LAST_ROWS, np.maximum),
    }
)
