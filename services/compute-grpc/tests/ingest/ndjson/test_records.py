"""Records as columns of text: numbers keep their text, nested objects become paths, other lines are named."""

from __future__ import annotations

import pytest
from halftone_compute.ingest.csv.blocks import Block
from halftone_compute.ingest.ndjson.records import Records, records_of


def _records(text: str, line: int = 1) -> Records:
    data = text.encode()
    return records_of(Block(data, line, len(data), is_last=True))


@pytest.mark.parametrize(
    "number", ["9007199254740993", "123456789012345678901234567890", "0.1000000000000000055", "1e400", "-0.0", "1E+2"]
)
def test_numbers_keep_their_text(number: str) -> None:
    assert _records(f'{{"a": {number}}}').values["a",].texts == [number]


def test_keys_by_union_and_objects_as_paths() -> None:
    found = _records(
        '{"a": 1, "b": {"c": "x", "d": {"e": true}}}\n{"b": {"c": null}, "a.b": 2}\n{"a": false, "b": {}}\n'
    )
    assert {path: (values.rows, values.texts) for path, values in found.values.items()} == {
        ("a",): ([0, 2], ["1", "false"]),
        ("b", "c"): ([0], ["x"]),
        ("b", "d", "e"): ([0], ["true"]),
        ("a.b",): ([1], ["2"]),
        ("b",): ([], []),
    }
    assert found.rows == 3


def test_lists_are_named_by_their_row() -> None:
    found = _records('{"a": [1, 2]}\n{"a": 3}\n{"a": []}\n').values["a",]
    assert (found.rows, found.texts) == ([1], ["3"])
    assert (found.lists, found.list_texts) == ([0, 2], ["a list of 2", "a list of 0"])


@pytest.mark.parametrize(
    "line",
    [
        "nope",
        "[1]",
        "3",
        '"text"',
        '{"a": 1',
        '{"a": 1} {"a": 2}',
        '{"a": 1, "a": 1}',
        '{"b": {"a": 1, "a": 2}}',
        '{"a": "\\ud800"}',
        '{"\\ud800": 1}',
        '{"a": ' * 40 + "1" + "}" * 40,
        '{"a": ' + "[" * 100_000 + "}",
    ],
)
def test_other_lines(line: str) -> None:
    found = _records(f'{{"a": 1}}\n\n{line}\n{{"a": 2}}\n', line=7)
    assert found.values["a",].texts == ["1", "2"]
    assert found.lines.tolist() == [7, 10]
    assert (found.bad_count, found.bad) == (1, ((9, line[:80]),))


def test_escaped_letters() -> None:
    assert _records('{"\\u00e9": "\\ud83d\\ude00"}').values["é",].texts == ["\U0001f600"]
