"""Which sheet of a workbook is read, and which files are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.sheets.workbook import Sheet, opened_sheet
from halftone_servicekit.errors import ErrorCode, HalftoneError
from ingest_rig.workbooks import ods, xlsx

if TYPE_CHECKING:
    from pathlib import Path

_SHEETS: dict[str, list[list[Any]]] = {"Notes": [], "Data": [[None], [None, "a"], [], [None, 1]], "More": [["x"]]}


def _opened(folder: Path, data: bytes, name: str = "", *, is_firm: bool = True, most: int = 1 << 30) -> Sheet:
    (folder / "source").write_bytes(data)
    return opened_sheet(folder / "source", Budget(1 << 30, most), name, is_firm=is_firm)


def test_the_first_with_cells(tmp_path: Path) -> None:
    sheet = _opened(tmp_path, xlsx(_SHEETS))
    assert (sheet.name, sheet.width, sheet.others) == ("Data", 1, ("Notes", "More"))
    assert list(sheet.rows()) == [(1, ["a"]), (3, ["1"])]


def test_the_one_that_is_named(tmp_path: Path) -> None:
    assert list(_opened(tmp_path, xlsx(_SHEETS), "More").rows()) == [(0, ["x"])]
    assert _opened(tmp_path, xlsx(_SHEETS), "Gone", is_firm=False).name == "Data"
    with pytest.raises(HalftoneError) as caught:
        _opened(tmp_path, xlsx(_SHEETS), "Gone")
    assert (caught.value.code, caught.value.field) == (ErrorCode.PARAM_INVALID, "reading.dialect.sheet")


def test_opendocument(tmp_path: Path) -> None:
    assert list(_opened(tmp_path, ods([["a", None], [1.5, "x"]])).rows()) == [(0, ["a", ""]), (1, ["1.5", "x"])]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", ErrorCode.EMPTY_FILE),
        (xlsx({"A": [], "B": []}), ErrorCode.EMPTY_FILE),
        (b"a,b\n1,2\n", ErrorCode.TYPE_MISMATCH),
        (xlsx({"A": [[1]]})[:300], ErrorCode.TYPE_MISMATCH),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ErrorCode.TYPE_MISMATCH),
    ],
)
def test_other_files(tmp_path: Path, data: bytes, code: ErrorCode) -> None:
    with pytest.raises(HalftoneError) as caught:
        _opened(tmp_path, data)
    assert caught.value.code == code


def test_what_it_unpacks_to_is_bounded(tmp_path: Path) -> None:
    data = xlsx({"A": [["x" * 100_000]]})
    with pytest.raises(HalftoneError) as caught:
        _opened(tmp_path, data, most=50_000)
    assert caught.value.code == ErrorCode.TOO_LARGE_UNCOMPRESSED
