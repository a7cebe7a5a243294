"""Makes a preview fit into its bytes: long texts are cut, then fewer labels, rows and columns are shown."""

from __future__ import annotations

import json
from typing import Any

# As ASCII JSON, so that it fits whatever writes it out.
MAX_BYTES = 500 << 10
# Characters of a text, labels of a column, rows; each step is tried when the one before is too long.
_STEPS = ((200, 64, 50), (80, 16, 50), (40, 4, 50), (24, 2, 20), (16, 0, 5))
_LEAST_COLUMNS = 1
# More are not looked at, and cutting them takes seconds.
_MOST_COLUMNS = 2_000


def bounded(preview: dict[str, Any]) -> dict[str, object]:
    """The preview, with as much of it as fits; a warning tells when columns are left out."""
    columns = min(len(preview["columns"]), _MOST_COLUMNS)
    shown = preview if columns == len(preview["columns"]) else _first_columns(preview, columns)
    for step in _STEPS:
        if _bytes_of(made := _cut(shown, *step)) <= MAX_BYTES:
            return made
    while columns > _LEAST_COLUMNS and _bytes_of(made) > MAX_BYTES:
        columns //= 2
        made = _cut(_first_columns(preview, columns), *_STEPS[-1])
    return made


def _bytes_of(preview: dict[str, object]) -> int:
    return len(json.dumps(preview))


def _cut(preview: dict[str, Any], characters: int, labels: int, rows: int) -> dict[str, object]:
    def cut(text: str) -> str:
        return text if len(text) <= characters else f"{text[: characters - 1]}…"

    return {
        **preview,
        "columns": [_with_fewer_labels(column, labels, cut) for column in preview["columns"]],
        "unreadable": {
            name: {**cells, "cells": [{**cell, "text": cut(cell["text"])} for cell in cells["cells"]]}
            for name, cells in preview["unreadable"].items()
        },
        "rows": [[None if cell is None else cut(cell) for cell in row] for row in preview["rows"][:rows]],
    }


def _with_fewer_labels(column: dict[str, Any], labels: int, cut: Any) -> dict[str, Any]:  # noqa: ANN401 - str to str
    if "categories" not in column:
        return column
    kept = [
        {**each, "label": cut(each["label"])} if "label" in each else each for each in column["categories"][:labels]
    ]
    return {**column, "categories": kept}


def _first_columns(preview: dict[str, Any], count: int) -> dict[str, Any]:
    """The preview of the first columns alone."""
    names = {column["name"] for column in preview["columns"][:count]}
    reading = preview["reading"]
    total = len(preview["columns"])
    warning = {
        "code": "columns_not_shown",
        "text": f"The first {count:,} of {total:,} columns are shown here. All of them are imported.",
        "column": "",
    }
    return {
        **preview,
        "reading": {
            **reading,
            "columns": [column for column in reading["columns"] if column["name"] in names],
            "warnings": [warning, *(each for each in reading["warnings"] if each["column"] in names | {""})],
        },
        "columns": preview["columns"][:count],
        "unreadable": {name: cells for name, cells in preview["unreadable"].items() if name in names},
        "rows": [row[:count] for row in preview["rows"]],
    }
