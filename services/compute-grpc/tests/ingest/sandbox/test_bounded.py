"""A preview fits into its bytes, whatever the file holds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from halftone_compute.ingest.sandbox.bounded import MAX_BYTES, bounded


def _preview(columns: int, text: str, rows: int = 50) -> dict[str, Any]:
    names = [f"column {place}" for place in range(columns)]
    labels = [{"label": text, "count": "2"}] * 200
    return {
        "reading": {
            "format": "csv",
            "columns": [{"source": name, "name": name, "type": "category"} for name in names],
            "warnings": [{"code": "x", "text": "y", "column": names[-1]}],
        },
        "columns": [{"name": name, "categories": [*labels, {"count": "1"}]} for name in names],
        "unreadable": {name: {"count": 1, "cells": [{"line": 3, "text": text}]} for name in names},
        "rows": [[text, None] * (columns // 2)] * rows,
    }


def test_what_fits_stays_as_it_is() -> None:
    small = _preview(2, "a")
    made: Any = bounded(small)
    assert made["rows"] == small["rows"]
    assert len(made["columns"][0]["categories"]) == 64


def test_a_long_text_ends_in_an_ellipsis() -> None:
    made: Any = bounded(_preview(2, "x" * 1_000, rows=2))
    assert made["rows"][0][0] == "x" * 199 + "…"
    assert made["unreadable"]["column 0"]["cells"][0]["text"].endswith("…")
    assert made["columns"][0]["categories"][0]["label"].endswith("…")


@pytest.mark.parametrize("columns", [60, 300, 2_000, 20_000])
@pytest.mark.parametrize("text", ["x" * 5_000, "日" * 5_000, "\x01" * 300])
def test_whatever_a_file_holds_it_fits(columns: int, text: str) -> None:
    made: Any = bounded(_preview(columns, text))
    assert len(json.dumps(made)) <= MAX_BYTES
    assert len(made["rows"]) >= 5
    assert len(made["columns"]) == len(made["reading"]["columns"]) == len(made["rows"][0])
    told = [each["text"] for each in made["reading"]["warnings"] if each["code"] == "columns_not_shown"]
    shown = f"The first {len(made['columns']):,} of {columns:,} columns are shown here. All of them are imported."
    assert told == ([shown] if len(made["columns"]) < columns else [])
