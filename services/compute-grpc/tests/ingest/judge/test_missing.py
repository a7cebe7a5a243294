"""Which cells are missing."""

import pyarrow as pa
from halftone_compute.ingest.judge.missing import labels, without_missing


def test_marks_are_missing_in_any_case() -> None:
    cells = pa.array(
        [
            "NA",
            "n/a",
            "NaN",
            "NULL",
            "Null",
            "None",
            "nil",
            "\\N",
            "-",
            "--",
            ".",
            "?",
            "<NA>",
            "#N/A",
            "#DIV/0!",
            "N/D",
            "",
            " ",
        ]
    )
    assert without_missing(cells).null_count == len(cells)
    assert without_missing(pa.array([" 5 ", "x", "no"]), ["x"]).to_pylist() == ["5", None, "no"]


def test_text_is_missing_when_empty() -> None:
    assert labels(pa.array(["NA", "-", ""])).to_pylist() == ["NA", "-", None]
    assert labels(pa.array(["a", "b"]), ["b"]).to_pylist() == ["a", None]
    assert labels(pa.array(["a", None])).to_pylist() == ["a", None]
