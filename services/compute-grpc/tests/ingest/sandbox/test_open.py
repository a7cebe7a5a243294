"""Wishes of a person over the reading of the version before."""

from __future__ import annotations

from dataclasses import asdict

from halftone_compute.ingest.reading import ColumnReading, Dialect, Reading, Wishes
from halftone_compute.ingest.sandbox.open import settled, wishes_of

COLUMNS = (ColumnReading("a", "a", "number", missing=("-9",)), ColumnReading("new", "new", "time", "iso"))
READING = Reading("csv", COLUMNS, Dialect(";"))
BASE = {
    "format": "csv",
    "dialect": {"delimiter": ";"},
    "columns": [
        {"source": "a", "name": "a", "type": "number", "suggest": None},
        {"source": "gone", "name": "gone", "type": "number"},
    ],
}


def _never(_: Wishes) -> Reading:
    raise AssertionError("nothing needs to be judged")


def test_without_a_version_before_a_person_s_wishes_are_all() -> None:
    person = Wishes({"delimiter": "|"}, {"a": {"leave_out": True}})
    assert settled(person, None, _never) is person


def test_without_a_person_the_version_before_holds_where_it_fits() -> None:
    columns = {"a": {"name": "a", "type": "number"}, "gone": {"name": "gone", "type": "number"}}
    before = Wishes({"delimiter": ";"}, columns, firm=False)
    assert settled(Wishes(), BASE, _never) == wishes_of(BASE) == before


def test_with_both_the_person_changes_what_fitted() -> None:
    asked: list[Wishes] = []

    def judged(wishes: Wishes) -> Reading:
        asked.append(wishes)
        return READING

    made = settled(Wishes({"header": True}, {"a": {"type": "category"}, "new": {"unit": "s"}}), BASE, judged)
    assert [(wishes.dialect, wishes.firm) for wishes in asked] == [({"delimiter": ";", "header": True}, False)]
    assert made.firm
    assert made.dialect == asdict(Dialect(";"))
    assert made.columns["a"] == {
        "name": "a", "type": "category", "format": "", "unit": "", "missing": ["-9"], "leave_out": False,
    }  # fmt: skip
    assert made.columns["new"] == {"unit": "s"}
    assert "gone" not in made.columns
    assert Wishes.from_json({"dialect": made.dialect, "columns": made.columns}) == made


def test_a_dialect_that_does_not_fit_is_the_person_s_alone() -> None:
    person = Wishes({"delimiter": "|"})
    assert settled(person, BASE, lambda _: READING) is person


def test_a_format_without_a_dialect_keeps_its_columns() -> None:
    made = settled(Wishes({}, {"a": {"unit": "m"}}), BASE, lambda _: Reading("parquet", COLUMNS))
    assert (made.dialect, made.columns["a"]["unit"]) == ({}, "m")
