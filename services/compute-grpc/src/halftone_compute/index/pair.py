"""The pair of columns that the rows of a version are ordered by. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.default_view import can_be_axis, default_view, is_map, opening

from halftone_compute.store.index import LEAF_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from halftone_views.columns import ColumnInfo

    from halftone_compute.store.manifest import Manifest

    Interval = tuple[float, float]

# The picture that levels are chosen for, in pixels: stored levels fit it as they are, others are made of them.
_WIDTH, _HEIGHT = 4, 3
# Between the hash of a file, as it is read, and that of a pair that was wished.
_MARK = ":"


@dataclass(frozen=True, slots=True)
class Pair:
    """Square levels are (k + offset, k): cells of 2^(k + offset) of `x` by 2^k of `y`."""

    x: str
    y: str
    offset: int


@dataclass(frozen=True, slots=True)
class PairWish:
    """Columns that rows shall be ordered by. A person's wish is `firm`; that of the version before holds if it fits."""

    x: str
    y: str
    firm: bool = True

    @classmethod
    def from_json(cls, body: Mapping[str, Any] | None) -> PairWish | None:
        """Raises TypeError or KeyError for anything else."""
        return None if body is None else cls(body["x"], body["y"], body["firm"])


def pair_of(manifest: Manifest, wish: PairWish | None = None) -> Pair | None:
    """What is wished, else the axes of the default view; None for few rows, or when there are no two axes.

    Raises HalftoneError `param_invalid` for a firm wish that can not be, with the axis as its field.
    """
    columns = {column.info.name: column.info for column in manifest.columns}
    if wish is not None:
        refused = next(_refusals(columns, wish), None)
        if refused is None:
            return _pair(columns[wish.x], columns[wish.y], manifest.rows)
        if wish.firm:
            raise refused
    view = default_view(list(columns.values()), manifest.rows)
    return None if view is None or view.y is None else _pair(columns[view.x], columns[view.y], manifest.rows)


def is_ordered_by(manifest: Manifest, pair: Pair) -> bool:
    """Whether the rows of a version are ordered by these columns."""
    index = manifest.index
    return index is not None and (index.x, index.y) == (pair.x, pair.y)


def content_hash(manifest: Manifest, wish: PairWish | None) -> str:
    """That of a version in the order of a pair: another order than that of the default view is another content."""
    of_file = manifest.content_hash.partition(_MARK)[0]
    pair, default = pair_of(manifest, wish), pair_of(manifest)
    if pair is None or pair == default:
        return of_file
    return of_file + _MARK + hashlib.sha256(json.dumps([pair.x, pair.y]).encode()).hexdigest()[:32]


def _pair(x: ColumnInfo, y: ColumnInfo, rows: int) -> Pair | None:
    if rows <= LEAF_ROWS:
        return None
    return Pair(x.name, y.name, 0 if is_map(x, y) else offset_of(x, y))


def _refusals(columns: Mapping[str, ColumnInfo], wish: PairWish) -> Iterator[HalftoneError]:
    """Why a wish can not be."""
    for axis, name in (("x", wish.x), ("y", wish.y)):
        column = columns.get(name)
        if column is None:
            yield _refusal("There is no such column.", axis)
        elif not can_be_axis(column):
            yield _refusal("Rows are ordered by columns of numbers or times that float64 holds exactly.", axis)
    if wish.x == wish.y:
        yield _refusal("Rows are ordered by two different columns.", "y")


def _refusal(detail: str, axis: str) -> HalftoneError:
    return HalftoneError(ErrorCode.PARAM_INVALID, detail, field=f"pair.{axis}")


def offset_of(x: ColumnInfo, y: ColumnInfo) -> int:
    """How much longer a pixel is on x than on y in the picture that a view opens with: a power of two, rounded down."""
    return offset_between(opening(x), opening(y))


def offset_between(x: Interval, y: Interval) -> int:
    """The same of the intervals that a view opens with, in units of the axes."""
    (x0, x1), (y0, y1) = x, y
    ratio = (Fraction(x1) - Fraction(x0)) * _HEIGHT / ((Fraction(y1) - Fraction(y0)) * _WIDTH)
    # The bit lengths place it between 2**(exponent - 1) and 2**(exponent + 1).
    exponent = ratio.numerator.bit_length() - ratio.denominator.bit_length()
    return exponent if ratio >= Fraction(2) ** exponent else exponent - 1
