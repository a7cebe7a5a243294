"""Tiles of one job in groups, so that the planes of each group fit in memory. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from halftone_views.lattice import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from halftone_compute.render.job import Place

# A place of a job, with the id of its piece.
Keyed: TypeAlias = "tuple[bytes, Place]"
Fits: TypeAlias = "Callable[[Sequence[Place]], bool]"


def groups_of(keyed: Sequence[Keyed], fits: Fits) -> list[list[Keyed]]:
    """Every place once, in groups that fit: whole columns or rows of tiles together, as many as there is room for.

    A single place that does not fit is a group too: nothing smaller is made of it.
    """
    lines = _lines(keyed)
    if len(lines) < 2 or fits([place for _, place in keyed]):
        return [list(keyed)]
    groups: list[list[Keyed]] = []
    for line in lines:
        if groups and fits([place for _, place in (*groups[-1], *line)]):
            groups[-1] += line
        else:
            groups += groups_of(line, fits)
    return groups


def _lines(keyed: Sequence[Keyed]) -> list[list[Keyed]]:
    """The columns, or the rows, of several tiles: those of which there are more. None of a free viewport."""
    by_axis: list[dict[int, list[Keyed]]] = [{}, {}]
    for piece_id, place in keyed:
        if isinstance(place, Address):
            for lines, index in zip(by_axis, (place.ix, place.iy), strict=True):
                lines.setdefault(index, []).append((piece_id, place))
    lines = max(by_axis, key=len)
    return [lines[index] for index in sorted(lines)]


def shares_of(rows: Sequence[int]) -> list[tuple[float, float]]:
    """The part of the whole work that each group is, by the rows that it reads: from one share to another."""
    total = max(sum(rows), 1)
    ends = [sum(rows[: index + 1]) / total for index in range(len(rows))]
    return list(zip([0.0, *ends], ends, strict=False))
