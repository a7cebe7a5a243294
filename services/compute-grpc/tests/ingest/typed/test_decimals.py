"""Decimals become the nearest number when it gives all digits back, and are refused when it does not."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from halftone_compute.ingest.typed.decimals import DIGITS, lossy, numbers_of, target_of

if TYPE_CHECKING:
    from halftone_compute.ingest.columns import Cells

TYPES = [(15, 2), (15, 15), (9, 0), (38, 18), (38, 0), (20, -2), (18, 6), (5, 5)]


@pytest.mark.parametrize(("precision", "scale"), TYPES)
def test_up_to_fifteen_digits_are_exact(precision: int, scale: int) -> None:
    dice = random.Random(precision + scale)  # noqa: S311 - no secret, and the same numbers each time
    bound = 10 ** min(precision, DIGITS)
    values = [Decimal(dice.randrange(1 - bound, bound)).scaleb(-scale) for _ in range(2_000)]
    for dtype in (pa.decimal128(precision, scale), pa.decimal256(precision, scale)):
        cells: Cells = pa.array([*values, None], dtype)
        target = target_of(dtype, [cells])
        as_number = int if pa.types.is_integer(target) else float
        assert numbers_of(cells, target).to_pylist() == [*map(as_number, values), None]


@pytest.mark.parametrize(
    ("text", "scale", "target"),
    [
        ("9223372036854775807", 0, pa.int64()),
        ("9223372036854775808", 0, pa.string()),
        ("123456789012345.6", 18, pa.string()),
        ("12345678901234567890.5", 1, pa.string()),
        ("0.123456789012345678", 18, pa.string()),
        ("12345678901234500000.0", 10, pa.float64()),
        ("1.5", 18, pa.float64()),
    ],
)
def test_more_digits_stay_exact_or_text(text: str, scale: int, target: pa.DataType) -> None:
    dtype = pa.decimal128(38, scale)
    cells = pa.array([Decimal(text), None, Decimal(1)], dtype)
    assert target_of(dtype, [cells.slice(1), cells]) == target
    assert lossy(cells.slice(1), pa.float64()) is False


def test_what_no_decimal128_holds_is_lossy() -> None:
    dtype = pa.decimal256(60, 30)
    assert lossy(pa.array([Decimal("123456789012345.0000000000000001")], dtype), pa.float64())
    assert lossy(pa.array([Decimal("1" + 29 * "0" + "." + 29 * "0" + "1")], dtype), pa.float64())
