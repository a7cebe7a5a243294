"""The tree over ordered rows: each node is halved, on y and on x in turn, until it holds few enough rows.

A node covers the extent of a tile, and its rows are one run. Nodes of few rows are leaves; a node that holds more gets
a tile, made of those of its halves. So a tile that is not stored holds at most LEAF_ROWS rows, where many rows at one
point count as one: that bounds what a picture reads, however the rows are spread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from halftone_views.lattice import MIN_EXPONENT, TILE, Address

from halftone_compute.backends.base import LatticeRegion
from halftone_compute.store.index import LEAF_ROWS
from halftone_compute.store.pyramid.joined import X_AXIS, Y_AXIS, beside, halved

if TYPE_CHECKING:
    from collections.abc import Callable

    from halftone_wire import Plane

    from halftone_compute.index.window import Window

_TILE_BITS = TILE.bit_length() - 1
_FLOAT_BITS = 53
# Cells from the origin on, as far as float64 holds their numbers.
_MOST_CELLS = 2**_FLOAT_BITS


@dataclass(frozen=True, slots=True)
class Node:
    """Rows `start` to `stop`, in [ix · 2^x, (ix + 1) · 2^x) by [iy · 2^y, (iy + 1) · 2^y)."""

    x: int
    ix: int
    y: int
    iy: int
    start: int
    stop: int

    @property
    def rows(self) -> int:
        return self.stop - self.start

    @property
    def ex(self) -> int:
        """The exponent of the cells of its tile on x."""
        return self.x - _TILE_BITS

    @property
    def ey(self) -> int:
        return self.y - _TILE_BITS

    @property
    def is_tile(self) -> bool:
        """Whether a view can ask for its tile: its cells have exact numbers."""
        is_exact = all(-_MOST_CELLS <= index * TILE < _MOST_CELLS for index in (self.ix, self.iy))
        return is_exact and min(self.ex, self.ey) >= MIN_EXPONENT


class OrderedRows(Protocol):
    """Coordinates of rows in their order, and their planes on a part of the lattice.

    planes(region, start, stop) are those of rows `start` to `stop`, of which none may lie outside of the region.
    """

    def x(self, row: int) -> float: ...

    def y(self, row: int) -> float: ...

    def planes(self, region: LatticeRegion, start: int, stop: int) -> list[Plane]: ...


class Sink(Protocol):
    """Takes leaves in the order of rows, and tiles in any order."""

    def leaf(self, start: int, stop: int) -> None: ...

    def tile(self, node: Node, planes: list[Plane]) -> None: ...


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a node: how many rows it holds when rows at one crowded point count once, and the planes of its
    tile, if it has one.
    """

    node: Node
    units: int
    planes: list[Plane] | None = None


class Walk:
    """`offset` is that of the pair's square levels."""

    def __init__(self, rows: OrderedRows, offset: int, sink: Sink) -> None:
        self._rows = rows
        self._offset = offset
        self._sink = sink

    def run(self, window: Window, rows: int) -> None:
        """Walks `rows` rows, which lie in the window."""
        start = 0
        blocks = list(window.blocks())
        for place, ((x, ix), (y, iy)) in enumerate(blocks):
            stop = rows if place == len(blocks) - 1 else self._stop_of(Node(x, ix, y, iy, start, rows))
            self._visit(Node(x, ix, y, iy, start, stop))
            start = stop

    def _stop_of(self, node: Node) -> int:
        """The first row that lies outside of a node, which holds the first of its rows if it holds any."""

        def is_inside(row: int) -> bool:
            inside_x = edge(node.ix, node.x) <= self._rows.x(row) < edge(node.ix + 1, node.x)
            return inside_x and edge(node.iy, node.y) <= self._rows.y(row) < edge(node.iy + 1, node.y)

        return _first(node.start, node.stop, lambda row: not is_inside(row))

    def _visit(self, node: Node) -> None:
        """Visits a node, its lower half, its upper half, and so on, and makes its tile when both are made.

        Without recursion: there may be thousands of halves in each other.
        """
        steps: list[Node | list[Node]] = [node]
        found: list[Found] = []
        while steps:
            step = steps.pop()
            if isinstance(step, list):
                high, low = found.pop(), found.pop()
                found.append(self._made_of(step, low, high))
            elif step.rows <= LEAF_ROWS or self._is_point(step):
                found.append(self._leaf(step))
            else:
                steps += self._split(step)

    def _leaf(self, node: Node) -> Found:
        if node.rows:
            self._sink.leaf(node.start, node.stop)
        return Found(node, node.rows if node.rows <= LEAF_ROWS else 1)

    def _split(self, node: Node) -> tuple[list[Node], Node, Node]:
        """The node, those in it that hold all of its rows, each a half of the one before, and the first two halves
        with rows, the upper one first.
        """
        chain = [node]
        low, high = self._halves(node)
        while not (low.rows and high.rows):
            chain.append(low if low.rows else high)
            low, high = self._halves(chain[-1])
        return chain, high, low

    def _made_of(self, chain: list[Node], low: Found, high: Found) -> Found:
        """What is found of the first of a chain of nodes, out of the halves of the last."""
        found = self._made(chain.pop(), low, high)
        while chain:
            whole = chain.pop()
            lower, upper = self._halves(whole)
            empty = Found(upper if lower.rows else lower, 0)
            found = self._made(whole, found, empty) if lower.rows else self._made(whole, empty, found)
        return found

    def _made(self, node: Node, low: Found, high: Found) -> Found:
        units = low.units + high.units
        if units <= LEAF_ROWS or not node.is_tile:
            return Found(node, units)
        axis = Y_AXIS if low.node.y != node.y else X_AXIS
        planes = beside(self._half(node, low, axis), self._half(node, high, axis), axis)
        self._sink.tile(node, planes)
        return Found(node, units, planes)

    def _half(self, whole: Node, half: Found, axis: int) -> list[Plane]:
        """The planes of one half of a tile."""
        if half.planes is not None:
            return halved(half.planes, axis)
        side = (half.node.ix if axis == X_AXIS else half.node.iy) % 2
        region = half_region(Address(whole.ex, whole.ix, whole.ey, whole.iy), axis, side)
        return self._rows.planes(region, half.node.start, half.node.stop)

    def _is_point(self, node: Node) -> bool:
        """Whether all rows lie at one point: the first and the last then do."""
        first, last = node.start, node.stop - 1
        return self._rows.x(first) == self._rows.x(last) and self._rows.y(first) == self._rows.y(last)

    def _halves(self, node: Node) -> tuple[Node, Node]:
        if node.x - node.y == self._offset:
            middle = edge(2 * node.iy + 1, node.y - 1)
            at = _first(node.start, node.stop, lambda row: self._rows.y(row) >= middle)
            low = replace(node, y=node.y - 1, iy=2 * node.iy, stop=at)
            return low, replace(node, y=node.y - 1, iy=2 * node.iy + 1, start=at)
        middle = edge(2 * node.ix + 1, node.x - 1)
        at = _first(node.start, node.stop, lambda row: self._rows.x(row) >= middle)
        low = replace(node, x=node.x - 1, ix=2 * node.ix, stop=at)
        return low, replace(node, x=node.x - 1, ix=2 * node.ix + 1, start=at)


def half_region(tile: Address, axis: int, side: int) -> LatticeRegion:
    """The cells of the lower (0) or the upper (1) half of a tile."""
    width, height = (TILE // 2, TILE) if axis == X_AXIS else (TILE, TILE // 2)
    first_x, first_y = tile.ix * TILE + side * (TILE - width), tile.iy * TILE + side * (TILE - height)
    return LatticeRegion(tile.ex, float(first_x), tile.ey, float(first_y), width, height)


def edge(index: int, exponent: int) -> float:
    """index · 2^exponent, or the next float64 above it where there is none: the same coordinates reach it."""
    surplus = max(index.bit_length() - _FLOAT_BITS, MIN_EXPONENT - exponent, 0)
    rounded = -(-index >> surplus)
    try:
        return math.ldexp(rounded, exponent + surplus)
    except OverflowError:
        return math.copysign(math.inf, rounded)


def _first(start: int, stop: int, holds: Callable[[int], bool]) -> int:
    """The first row from which on something holds, among `start` to `stop`; `stop` for none."""
    while start < stop:
        middle = (start + stop) // 2
        if holds(middle):
            stop = middle
        else:
            start = middle + 1
    return start
