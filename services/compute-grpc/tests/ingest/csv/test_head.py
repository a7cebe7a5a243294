"""Lines above the header, the header or none, and a row of units are found and said."""

from __future__ import annotations

import pytest
from halftone_compute.ingest.csv.dialect import judged_dialect
from halftone_compute.ingest.csv.head import Head, found_head, lines_above, separator_line

_QUESTION = "The first line is taken for the header; it could be a row as well."


def _head(text: str, **wished: object) -> Head:
    above = int(str(wished.get("above", lines_above(text))))
    lines = text.split("\n")
    candidate, _ = judged_dialect("\n".join(lines[above:]), {})
    return found_head(candidate, above, lines[above - 1] if above else "", wished)


def _said(head: Head) -> str:
    return " ".join(warning.text for warning in head.warnings)


@pytest.mark.parametrize(
    ("line", "delimiter"), [("sep=;\r\n", ";"), ('"sep=,"\n', ","), ("SEP=\\t\n", "\t"), ("sep\n", "")]
)
def test_a_line_that_names_the_delimiter(line: str, delimiter: str) -> None:
    assert separator_line(line + "a;b\n") == delimiter


@pytest.mark.parametrize(
    ("text", "above", "names", "line"),
    [
        ("a,b\n1,2\n", 0, ("a", "b"), 1),
        ("# one\n# two\na,b\n1,2\n", 2, ("a", "b"), 3),
        ("Extract of 2025-01-06\nid;shop;price\n1;North;1.50\n2;South;1.75\n", 1, ("id", "shop", "price"), 2),
        ("Extract;;\nid;shop;price\n1;North;1.50\n2;South;1.75\n", 1, ("id", "shop", "price"), 2),
        ("sep=;\nx;y\n1;2\n", 1, ("x", "y"), 2),
        ("\n\nx;y\n\n1;2\n", 2, ("x", "y"), 4),
        ('"x\ny",z\n1,2\n', 0, ("x\ny", "z"), 2),
        ("# t,v\n1,2.5\n2,3.5\n", 0, ("t", "v"), 1),
        ("#name,city\nAnna,Bern\nOtto,Chur\n", 0, ("name", "city"), 1),
        ("x,,\n1,2,3\n4,5,6\n", 0, ("x", "", ""), 1),
    ],
)
def test_the_header(text: str, above: int, names: tuple[str, ...], line: int) -> None:
    head = _head(text)
    assert (head.dialect.above, head.names, head.line, head.dialect.header) == (above, names, line, True)
    words = {0: "", 1: "1 line above the header left out"}.get(above, f"{above} lines above the header left out")
    assert words in _said(head)


@pytest.mark.parametrize(
    ("text", "header", "said"),
    [
        ("1.5,10,2020-01-01\n2.5,20,2020-01-02\n", False, "no header: the first line fits the columns"),
        ("x,1\ny,2\n", False, "no header"),
        ("1,2\n", False, "no header"),
        ("null\n1\n2\n", False, "no header"),
        ("a,b\n", True, ""),
        ("a,b\n1,x\n2,y\n", True, ""),
        (",b\n1,x\n2,y\n", True, _QUESTION),
        ("name,city\nAnna,Bern\nOtto,Chur\n", True, _QUESTION),
        ("Bern,CH\nChur,CH\nBern,CH\n", False, "no header"),
        ("country,2019,2020\nAustria,1.2,1.3\nChile,2.2,2.3\n", True, _QUESTION),
        ("name,1,2,3\nx,9,8,7\ny,6,5,4\n", True, _QUESTION),
        ("a,1,2\nb,2,3\nc,3,4\n", False, "no header"),
        ("a,1.5,2\nb,2,3\nc,3,4\n", False, "no header"),
        ("a,7,9\nb,2,3\nc,3,4\n", False, "no header"),
    ],
)
def test_a_header_or_none(text: str, header: bool, said: str) -> None:
    head = _head(text)
    assert head.dialect.header == header
    assert said in _said(head)
    assert header or not any(head.names)


@pytest.mark.parametrize(
    ("row", "units"),
    [
        (";[C];[K]", ("", "C", "K")),
        ("(UTC);m/s;%", ("UTC", "m/s", "%")),
        ("-;degC;hPa", ("", "degC", "hPa")),
        (";kg m^-3;10", ()),
        ("soon;none;x", ()),
        (";;", ()),
    ],
)
def test_units(row: str, units: tuple[str, ...]) -> None:
    head = _head(f"when;M1;M2\n{row}\n2020-08-14 22:00:00;256.698;0.3722\n2020-08-14 22:01:00;256.7;0.37\n")
    assert head.units == units
    assert head.dialect.units_row == bool(units)
    assert head.line == (2 if units else 1)


def test_units_are_said() -> None:
    head = _head("Datetime;M1;M2\n;[C];[K]\n2020-08-14 22:00:00;256.698;0.3722\n")
    assert "units: M1 [C], M2 [K]" in _said(head)


def test_wishes() -> None:
    assert _head("1,2\n3,4\n", header=True).names == ("1", "2")
    assert _head("a,b\n3,4\n", header=False).line == 0
    assert "no header" in _said(_head("a,b\n3,4\n", header=False))
    assert _head("t,v\n9,9\n3,4\n5,6\n", above=1).names == ("", "")
    assert _head("t,v\nq,w\n3,4\n", units_row=True).units == ("", "")
    assert _head("t,v\n[s],[m]\n3,4\n", units_row=False).units == ()
    assert _head("t,v\n", units_row=True).units == ()


def test_a_file_without_rows() -> None:
    assert _head("a,b\n").line == -1
    assert lines_above("# one\n# two\n") == 0
