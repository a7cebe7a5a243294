"""`python -m halftone_views` prints every option of every kind."""

import runpy

import pytest
from halftone_views.registry import kind_schemas


def test_the_table_names_every_kind_and_option(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_module("halftone_views", run_name="__main__")
    printed = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert all(len(cells) == 4 and cells[3] for cells in printed)
    named = [(kind, name) for kind, schema in kind_schemas().items() for name in ("", *schema["properties"])]
    assert [(cells[0], cells[1]) for cells in printed] == named
