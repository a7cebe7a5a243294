"""Lines of JSON: every value as it stands in the file, or named as not read."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import os
import random
import zipfile
from fractions import Fraction
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from halftone_compute.ingest.columns import Kind
from halftone_compute.ingest.format import TypesDifferError
from halftone_compute.ingest.formats.ndjson import NdjsonReader
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.reading import Unreadable, UnreadableCell, Wishes
from halftone_servicekit.errors import ErrorCode, HalftoneError
from ingest_rig.readers import values_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Random tables that are written and read back; `HALFTONE_TEST_TABLES` asks for more.
_TABLES = int(os.environ.get("HALFTONE_TEST_TABLES", "50"))
_LINE = '{"a": 1, "note": "nnnnnnnnnn"}\n'
# With small blocks, over the part that is judged first, and over what is then read ahead.
_JUDGED = 200
_READ_AHEAD = 500


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three blocks are judged."""
    monkeypatch.setattr("halftone_compute.ingest.csv.blocks._FIRST_BYTES", 512)
    monkeypatch.setattr("halftone_compute.ingest.csv.blocks._BLOCK_BYTES", 1_024)


def _reader(folder: Path, text: str | bytes, wishes: Wishes | None = None, *, whole: bool = False) -> NdjsonReader:
    data = text.encode() if isinstance(text, str) else text
    (folder / "source").write_bytes(data)
    return NdjsonReader(folder / "source", Budget(len(data), 1 << 40), wishes or Wishes(), whole=whole)


def test_columns_by_union_in_their_order(tmp_path: Path) -> None:
    reader = _reader(tmp_path, '{"b": 1.5, "at": {"lon": 7, "name": "x"}}\n{"a": "2020-01-01", "at": {"lon": 8}}\n')
    assert [(column.name, column.kind) for column in reader.columns] == [
        ("b", Kind.NUMBER),
        ("at.lon", Kind.NUMBER),
        ("at.name", Kind.CATEGORY),
        ("a", Kind.TIME),
    ]
    found = values_of(reader)
    assert (found["b"], found["at.lon"], found["at.name"]) == ([1.5, None], [7, 8], ["x", None])


def test_integers_keep_every_digit(tmp_path: Path) -> None:
    found = values_of(_reader(tmp_path, '{"a": 9007199254740993, "b": 12345678901234567890}\n{"a": -9, "b": 1}\n'))
    assert found == {"a": [9007199254740993, -9], "b": ["12345678901234567890", "1"]}


def test_text_is_judged_like_that_of_csv(tmp_path: Path) -> None:
    lines = [
        {"n": "1,234.5", "zip": "02134", "t": "31.12.2020"},
        {"n": "NA", "zip": "90210", "t": "01.02.2021 10:00"},
    ]
    reader = _reader(tmp_path, "\n".join(map(json.dumps, lines)))
    found = values_of(reader)
    assert (found["n"], found["zip"]) == ([1234.5, None], ["02134", "90210"])
    assert [time.isoformat() for time in found["t"]] == ["2020-12-31T00:00:00", "2021-02-01T10:00:00"]


def test_dotted_keys_beside_objects(tmp_path: Path) -> None:
    assert values_of(_reader(tmp_path, '{"a.b": 1, "a": {"b": 2}}')) == {"a.b": [1], "a.b_2": [2]}


def test_lists_are_left_out_by_name(tmp_path: Path) -> None:
    reader = _reader(tmp_path, '{"a": 1, "b": {"c": [1, 2]}}\n{"a": 2, "b": {"c": null}}\n')
    assert [(skipped.name, skipped.reason) for skipped in reader.skipped] == [("b.c", "unsupported_type")]
    assert [warning.text for warning in reader.reading.warnings] == [
        "b.c is left out: its cells are lists, and a column holds one value a row."
    ]
    assert values_of(reader) == {"a": [1, 2]}


def test_cells_and_lines_that_do_not_fit(tmp_path: Path) -> None:
    reader = _reader(
        tmp_path, '{"a": 1}\n' * 300 + '{"a": "soon"}\n\n{"a": [7]}\nnope\n' + '{"a": null, "b": 1}\n' * 100
    )
    assert len(values_of(reader)["a"]) == 402
    assert reader.unreadable == {"a": Unreadable(2, (UnreadableCell(301, "soon"), UnreadableCell(303, "a list of 1")))}
    [said] = [warning.text for warning in reader.reading.warnings if warning.code == "no_record"]
    assert said.endswith("line 304: nope.")


@pytest.mark.parametrize(
    ("late", "name"),
    [
        ('{"late": 2}\n', "late"),
        ('{"a": 1.5}\n', "a"),
        ('{"a": "x"}\n' * 100, "a"),
        ('{"note": {"x": "y"}}\n', "note"),
    ],
)
@pytest.mark.usefixtures("small_blocks")
def test_what_only_comes_late_is_found_by_reading_all(tmp_path: Path, late: str, name: str) -> None:
    text = _LINE * _JUDGED + late
    with pytest.raises(TypesDifferError, match=name):
        values_of(_reader(tmp_path, text))
    reader = _reader(tmp_path, text, whole=True)
    last = json.loads(late.splitlines()[-1])
    [(found, value)] = last.items()
    source, value = (f"{found}.x", "y") if isinstance(value, dict) else (found, value)
    assert values_of(reader)[source][-1] == value


@pytest.mark.usefixtures("small_blocks")
def test_a_wish_for_a_key_that_only_comes_late(tmp_path: Path) -> None:
    wishes = Wishes(columns={"late": {"name": "later"}})
    with pytest.raises(TypesDifferError):
        _reader(tmp_path, _LINE * _JUDGED + '{"late": 2}\n', wishes)
    assert _reader(tmp_path, _LINE * _JUDGED + '{"late": 2}\n', wishes, whole=True).columns[-1].name == "later"


def test_letters_that_are_not_utf8_late_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in (
        ("csv.blocks._FIRST_BYTES", 512),
        ("csv.blocks._BLOCK_BYTES", 1_024),
        ("text.bytes._STEP", 4_096),
    ):
        monkeypatch.setattr(f"halftone_compute.ingest.{name}", size)
    data = (_LINE * _READ_AHEAD).encode() + b'{"note": "\xe9"}\n'
    with pytest.raises(TypesDifferError, match="encoding"):
        values_of(_reader(tmp_path, data))
    reader = _reader(tmp_path, data, whole=True)
    assert "Windows-1252" in reader.reading.warnings[0].text
    assert values_of(reader)["note"][-1] == "é"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", ErrorCode.EMPTY_FILE),
        ("\n\n", ErrorCode.EMPTY_FILE),
        ("[\n" + '{"a": 1},\n' * 9 + "]\n", ErrorCode.TYPE_MISMATCH),
        ('[{"a": 1}]', ErrorCode.TYPE_MISMATCH),
        ("{}\n{}\n", ErrorCode.UNSUPPORTED_TYPE),
        ('{"a": []}\n', ErrorCode.UNSUPPORTED_TYPE),
        ("PAR1....", ErrorCode.TYPE_MISMATCH),
        ('{"a": "' + "x" * (1 << 20) + '"}', ErrorCode.LINE_TOO_LONG),
        (json.dumps({str(key): 1 for key in range(2_001)}), ErrorCode.TOO_MANY_COLUMNS),
    ],
)
def test_refusals(tmp_path: Path, text: str, code: ErrorCode) -> None:
    with pytest.raises(HalftoneError) as caught:
        values_of(_reader(tmp_path, text))
    assert caught.value.code == code


def test_wishes(tmp_path: Path) -> None:
    wishes = Wishes(columns={"a": {"type": "category"}, "b": {"leave_out": True}, "c": {"missing": ["-1"]}})
    assert values_of(_reader(tmp_path, '{"a": 1, "b": 2, "c": -1}\n{"c": 3}', wishes)) == {
        "a": ["1", None],
        "c": [None, 3],
    }
    with pytest.raises(HalftoneError) as caught:
        _reader(tmp_path, '{"a": 1}', Wishes(columns={"z": {}}))
    assert (caught.value.code, caught.value.field) == (ErrorCode.PARAM_INVALID, "reading.columns.z")


def test_many_columns_that_few_rows_have(tmp_path: Path) -> None:
    text = "".join(f'{{"k{key}": {key}}}\n' for key in range(1_500)) + '{"k0": 1}\n' * 5_000
    reader = _reader(tmp_path, text)
    batches = [batch.rows for batch in reader.batches()]
    assert sum(batches) == 6_500
    assert max(batches) < 2_000


def _packed(data: bytes, packing: str) -> bytes:
    if packing == "gz":
        return gzip.compress(data)
    if packing == "bz2":
        return bz2.compress(data)
    if packing == "zst":
        made: bytes = pa.compress(data, "zstd", asbytes=True)
        return made
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.ndjson", data)
    return sink.getvalue()


@pytest.mark.parametrize("packing", ["gz", "bz2", "zst", "zip"])
def test_packed(tmp_path: Path, packing: str) -> None:
    assert values_of(_reader(tmp_path, _packed(b'\xef\xbb\xbf{"a": 1}\n', packing))) == {"a": [1]}


def test_nothing_changes_in_silence(tmp_path: Path) -> None:
    for seed in range(_TABLES):
        dice = random.Random(seed)  # noqa: S311 - the same tables each time
        rows = [_record(dice) for _ in range(dice.choice((1, 3, 20)))]
        reader = _reader(tmp_path, "\n".join(_line(row, dice) for row in rows))
        found = values_of(reader)
        for column in reader.columns:
            unread = {cell.line for cell in reader.unreadable.get(column.name, Unreadable()).cells}
            for line, (row, value) in enumerate(zip(rows, found[column.name], strict=True), 1):
                assert line in unread or _is_same(row.get(column.name), value), (seed, column, line)


def _record(dice: random.Random) -> dict[str, str]:
    """The text of the value of each key; a key may be missing."""
    return {key: make(dice) for key, make in _KEYS.items() if dice.random() < 0.8} or {"word": '"x"'}


def _line(row: dict[str, str], dice: random.Random) -> str:
    keys = list(row)
    dice.shuffle(keys)
    return "{" + ", ".join(f"{json.dumps(key)}: {row[key]}" for key in keys) + "}"


def _is_same(text: str | None, value: object) -> bool:
    if text is None or text == "null":
        return value is None
    if text.startswith('"'):
        word = json.loads(text)
        return bool(value == word or (value is None and word in ("", "NA")) or _is_number(word, value))
    return bool(value == text or _is_number(text, value))


def _is_number(text: str, value: object) -> bool:
    """Whether `value` is the number of `text`: as a whole number the same, else the nearest float64."""
    if isinstance(value, str) or value is None or text in ("", "NA"):
        return False
    try:
        return value == (int(text) if isinstance(value, int) else float(text)) and (
            isinstance(value, int) or _digits(text) <= 17
        )
    except ValueError:
        return False


def _digits(text: str) -> int:
    exact = Fraction(text)
    return 0 if float(exact) == exact else len(text.lower().partition("e")[0].replace(".", "").strip("-0"))


_KEYS: dict[str, Callable[[random.Random], str]] = {
    "whole": lambda dice: str(dice.randint(-(10**3), 10**3)),
    "wide": lambda dice: str(dice.randint(-(10 ** dice.choice((15, 18, 21))), 10**19)),
    "real": lambda dice: repr(dice.uniform(-1e3, 1e3)),
    "long": lambda dice: "0." + "".join(dice.choices("123456789", k=dice.choice((3, 16, 22)))),
    "small": lambda dice: f"{dice.uniform(-1, 1):.16f}e{dice.randint(-330, 320)}",
    "word": lambda dice: json.dumps(dice.choice(("x", "Süd", "", "NA", "7", "007", '"', "1.50", "a\nb"))),
    "flag": lambda dice: dice.choice(("true", "false", "null")),
    "mixed": lambda dice: dice.choice(("1", "2.5", '"3"', "null", '"x"')),
}
