"""A folder of files, each with one item, is scanned; an unsound file is named."""

from pathlib import Path

import pytest
from halftone_views.scan import items_of
from views_rig.folders import forget, write_package

PACKAGE = "more_words"


def test_every_public_file_gives_one_item(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    write_package(tmp_path, PACKAGE, {"b": '"""B."""\nB = (2,)\n', "a": '"""A."""\nA = (1,)\n'})
    assert items_of(PACKAGE, tuple) == [(1,), (2,)]
    forget(PACKAGE)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("A = (1,)\n", "more_words.a has no docstring"),
        ('"""A."""\n', "more_words.a defines 0 of tuple, not one"),
        ('"""A."""\nA = (1,)\nB = (2,)\n', "more_words.a defines 2 of tuple, not one"),
    ],
)
def test_an_unsound_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, complaint: str) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    write_package(tmp_path, PACKAGE, {"a": source})
    with pytest.raises(TypeError, match=complaint):
        items_of(PACKAGE, tuple)
    forget(PACKAGE)
