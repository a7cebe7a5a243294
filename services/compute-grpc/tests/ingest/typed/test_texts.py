"""Text of typed files: what it could be is suggested, and read when wished."""

from __future__ import annotations

import pyarrow as pa
import pytest
from halftone_compute.ingest.format import TypesDifferError
from halftone_compute.ingest.typed.texts import TextReader, holds_text, suggested


@pytest.mark.parametrize(
    ("cells", "suggestion"),
    [
        (["1", "2.5", "NA"], ("number", "")),
        (["5 %", "7 %"], ("number", "%")),
        (["2020-01-01", None], ("time", "iso")),
        (["31.12.2020"], ("time", "%d.%m.%Y")),
        (["007", "008"], None),
        (["x", "1"], None),
        ([None, ""], None),
        ([], None),
    ],
)
def test_suggestions(cells: list[str | None], suggestion: tuple[str, str] | None) -> None:
    for dtype in (pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())):
        array = pa.array(cells, pa.string()).cast(dtype)
        assert holds_text(array.type)
        assert suggested([array.slice(0, 1), array.slice(1)]) == suggestion


def test_other_columns_hold_no_text() -> None:
    assert not holds_text(pa.int64())
    assert not holds_text(pa.dictionary(pa.int32(), pa.int64()))


def test_a_fraction_after_whole_numbers_is_found_by_reading_all() -> None:
    reader = TextReader("a", [pa.array(["1", "2"])], {"type": "number"})
    assert (reader.dtype, reader.fits) == (pa.int64(), True)
    with pytest.raises(TypesDifferError):
        reader.read(pa.array(["1.5"]))


def test_cells_that_do_not_fit() -> None:
    reader = TextReader("a", [pa.array(["1.5", "x"])], {"type": "number", "missing": ["-1"]})
    assert not reader.fits
    array, unfit = reader.read(pa.array(["2.5", "x", "-1", "NA"]))
    assert array.to_pylist() == [2.5, None, None, None]
    assert unfit is not None
    assert unfit.tolist() == [False, True, False, False]
    assert reader.read(pa.array(["2.5"]))[1] is None
