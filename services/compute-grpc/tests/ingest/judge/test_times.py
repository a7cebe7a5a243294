"""Ways to write times."""

import pyarrow as pa
import pytest
from halftone_compute.ingest.judge.times import FORMS, form_named, has_shape, name_of, parsed_times


def test_every_form_is_found_by_its_name() -> None:
    assert all(form_named(form.name) is form for form in FORMS if form.name != "%Y-%m-%d")
    assert len({form.name for form in FORMS}) == len(FORMS)


@pytest.mark.parametrize(
    ("pattern", "name"), [("iso", "iso"), ("%Y-%m-%dT%H:%M:%S", "iso"), ("%d/%m/%Y %H:%M", "%d/%m/%Y")]
)
def test_a_pattern_of_strptime_names_a_form(pattern: str, name: str) -> None:
    form = form_named(pattern)
    assert form is not None
    assert name_of(form) == name


def test_an_unknown_pattern_names_none() -> None:
    assert form_named("%W") is None


def test_a_word_that_is_no_month_has_no_shape() -> None:
    form = form_named("%d %b %Y")
    assert form is not None
    assert has_shape(pa.array(["5 Foo 2020", "5 September 2020", "5 Sept 2020", None]), form).tolist() == [
        False,
        True,
        True,
        False,
    ]
    assert parsed_times(pa.array(["5 Foo 2020"]), form).to_pylist() == [None]
    assert has_shape(pa.array([], pa.string()), form).tolist() == []
