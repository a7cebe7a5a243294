"""Every way to divide a sample is scored; a tie is said."""

from __future__ import annotations

import pytest
from halftone_compute.ingest.csv.dialect import judged_dialect, scored
from halftone_compute.ingest.reading import Dialect


@pytest.mark.parametrize(
    ("sample", "delimiter", "quote", "escape", "decimal", "width"),
    [
        ("a,b\n1,2\n", ",", '"', "", ".", 2),
        ("a\tb\n1\t2\n", "\t", '"', "", ".", 2),
        ("a|b\nx|y\n", "|", '"', "", ".", 2),
        ("a b\n1 2\n3 4\n", " ", '"', "", ".", 2),
        ("when\n2020-01-01 10:00:00\n2020-01-02 11:00:00\n", ",", '"', "", ".", 1),
        ('Region;Ort;Menge\nNord;"51.2;10.4";97100,7\nSued;"48.1;11.5";12,25\n', ";", '"', "", ",", 3),
        ("Zeit;Temp, C;Druck, hPa\n0;1,5;1013,2\n1;1,7;1013,4\n", ";", '"', "", ",", 3),
        ("x;y\n1.234,5;0,1\n2.345,6;0,2\n", ";", '"', "", ",", 2),
        ("id,text\n1,hello; world\n2,bye; all\n", ",", '"', "", ".", 2),
        ("a,b\n'x, y',1\n'z',2\n", ",", "'", "", ".", 2),
        ("a,b\nO'Hara,1\nO'Neill,2\n", ",", '"', "", ".", 2),
        ('a,b\n"{\\"f\\":1, \\"g\\":2}",5\n', ",", '"', "\\", ".", 2),
        ('a,b\n"say ""hi"", you",5\n', ",", '"', "", ".", 2),
        ('a\tb\n"Foo" bar\t1\n"Foo" baz\t2\n', "\t", '"', "", ".", 2),
        ("Title, of it\nid;x\n1;2\n3;4\n5;6\n", ";", '"', "", ".", 2),
        ("one\ntwo\n", ",", '"', "", ".", 1),
    ],
)
def test_judged(sample: str, delimiter: str, quote: str, escape: str, decimal: str, width: int) -> None:
    found, questions = judged_dialect(sample, {})
    assert found.width == width
    expected = Dialect(delimiter=delimiter, quote=quote, escape=escape, decimal=decimal)
    assert (found.dialect, questions) == (expected, [])


def test_what_is_wished_is_not_judged() -> None:
    found, _ = judged_dialect("a,b\n1,2\n", {"delimiter": ";"})
    assert (found.dialect.delimiter, found.width) == (";", 1)
    found, _ = judged_dialect('"a";1\n"b";2\n', {"quote": "", "decimal": ","})
    assert (found.dialect.quote, found.rows[0]) == ("", (0, ('"a"', "1")))


def test_two_delimiters_that_divide_as_well_are_a_question() -> None:
    _, [question] = judged_dialect("a;b,c\nw;x,y\n", {})
    assert question.text == "Cells are divided by commas; they could as well be divided by semicolons."


def test_spaces_do_not_divide_what_semicolons_divide_evenly() -> None:
    found, questions = judged_dialect(
        "Temp, C;a;Temp, K;first name;x, y;last name\nbar|;b;636 344 531 210;;c;O'Hara\n", {}
    )
    assert (found.dialect.delimiter, found.width, questions) == (";", 6, [])


def test_commas_do_not_divide_what_tabs_divide_evenly() -> None:
    found, questions = judged_dialect("-63,46 °C\tfalse\n-55,63 °C\t\n86,73 °C\ttrue\n12,30 °C\t\n", {})
    assert (found.dialect.delimiter, found.dialect.decimal, found.width) == ("\t", ",", 2)
    assert questions == []


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        (
            "Extract of May\n708259014928110125916,0\n",
            "Every line is one cell; they could as well be divided by commas.",
        ),
        (
            'Extract of 2025-01-06\n"x","25 Aug 2009","None"\n',
            "divided by spaces; they could as well be divided by commas.",
        ),
    ],
)
def test_a_title_above_one_row_is_a_question(sample: str, said: str) -> None:
    _, questions = judged_dialect(sample, {})
    assert questions[0].text.endswith(said)


@pytest.mark.parametrize(
    ("sample", "decimal", "said"),
    [
        ("a;b\n1,234;x\n2,345;y\n", ",", ["1,234 is read as a fraction; 1234 could be meant as well."]),
        ("a;b\n1,234;x\n2,34;y\n", ",", []),
        ("a\tb\n1,234\tx\n2,345\ty\n", ".", []),
        ("a\tb\n1.234\tx\n2.345\ty\n", ".", ["1.234 is read as a fraction; 1234 could be meant as well."]),
        ("a,b\n1.234,x\n2.345,y\n", ".", []),
        ("a\n1.234\n2.345\n", ".", ["1.234 is read as a fraction; 1234 could be meant as well."]),
    ],
)
def test_groups_or_fractions(sample: str, decimal: str, said: list[str]) -> None:
    found, questions = judged_dialect(sample, {})
    assert (found.dialect.decimal, [question.text for question in questions]) == (decimal, said)


def test_no_rows_have_no_score() -> None:
    assert scored("\n\n", Dialect()) is None


def test_uneven_rows_and_open_quotes_score_less() -> None:
    even, uneven, torn = (
        scored(sample, Dialect()) for sample in ("a,b\n1,2\n3,4\n", "a,b\n1,2\n3\n", 'a,b\n1,2\n"3,4\n')
    )
    assert even is not None
    assert uneven is not None
    assert torn is not None
    assert even.score > max(uneven.score, torn.score)
