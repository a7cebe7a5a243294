"""The words of docs/glossary.md: classes that it names exist, words that it retires are gone."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from .files import GENERATED, ROOT, written

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
WORDS, _, RETIRED = GLOSSARY.partition("## Retired words")
# Where each tier of the glossary is.
TIERS = {
    "auth": "services/auth-django/src/",
    "gateway": "services/gateway-fastapi/src/",
    "compute": "services/compute-grpc/src/",
    "servicekit": "libs/servicekit/src/",
    "views": "libs/views/src/",
    "wire": "libs/wire/src/",
    "web": "frontend/src/",
}
# Messages of the schema may stand for a word in every tier that speaks it.
SCHEMA = "proto/"
READ = (".py", ".ts", ".tsx", ".proto", ".cu", ".md", ".sh", ".conf", ".yaml", ".tpl", ".txt", ".json", ".toml")
NAMED = r"\b(?:class|interface|type|enum|message)\s+_?{}\b"
# Files that may hold a retired word, and why.
ALLOWED = {
    "docs/glossary.md": "it lists them",
    "services/compute-grpc/src/halftone_compute/ingest/judge/column.py": "a sentence of tests/cases, word for word",
}


def rows(text: str) -> list[list[str]]:
    """The cells of a table's rows, its head left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@cache
def sources() -> dict[str, str]:
    """Path → text of what is read: sources, documents, texts of the chart; neither tests nor what is generated."""
    found = {str(path): (ROOT / path).read_text() for path in written(*READ) if is_read(path)}
    assert len(found) > 300
    return found


def is_read(path: Path) -> bool:
    is_test = "tests" in path.parts or ".test." in path.name or path.name.startswith("testing")
    return (
        not is_test and not str(path).startswith(GENERATED) and path.name not in ("package-lock.json", "CHANGELOG.md")
    )


def classes() -> Iterator[tuple[str, str]]:
    """(class, tiers) of every word that a class stands for."""
    for _, meaning, tiers in rows(WORDS):
        yield from ((name, tiers) for name in re.findall(r"`([A-Z]\w+)`", meaning))


def retired() -> list[str]:
    """What must not occur, as patterns: a class by its definition, a phrase by its words."""
    found = []
    for words, _ in rows(RETIRED):
        names = re.findall(r"`(\w+)`", words)
        phrases = [] if names else words.split(", ")
        found += [NAMED.format(name) for name in names]
        # A comment may break between two words.
        found += [r"(?i)\b{}\b".format(r"[\s#*/]+".join(phrase.split())) for phrase in phrases]
    return found


@pytest.mark.parametrize(("name", "tiers"), list(classes()))
def test_a_word_has_its_class(name: str, tiers: str) -> None:
    places = tuple(TIERS.values()) if tiers == "all" else tuple(TIERS[tier] for tier in tiers.split(", "))
    pattern = re.compile(NAMED.format(name))
    assert any(pattern.search(text) for path, text in sources().items() if path.startswith((*places, SCHEMA)))


@pytest.mark.parametrize("pattern", retired())
def test_a_retired_word_is_gone(pattern: str) -> None:
    found = re.compile(pattern)
    assert not [path for path, text in sources().items() if found.search(text) and path not in ALLOWED]


def test_words_are_listed_once() -> None:
    listed = [word for words, _, _ in rows(WORDS) for word in words.split(", ")]
    assert len(listed) > 30
    assert len(listed) == len(set(listed))
