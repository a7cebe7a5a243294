"""Links lead somewhere, and code blocks hold what they claim to."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .files import ROOT, documents

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block of a document."""

    document: Path
    language: str
    text: str


def blocks(*languages: str) -> list[Block]:
    found = [Block(path, *pair) for path in documents() for pair in BLOCK.findall((ROOT / path).read_text())]
    return [block for block in found if block.language in languages]


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ +(.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(document: Path) -> Iterator[str]:
    prose = BLOCK.sub("", (ROOT / document).read_text())
    for link in LINK.findall(prose):
        target, _, anchor = link.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        path = (ROOT / document.parent / target).resolve() if target else ROOT / document
        if not path.exists() or (anchor and anchor not in anchors(path)):
            yield f"{document}: {link}"


def test_links_lead_somewhere() -> None:
    assert len(documents()) > 15
    assert not [link for document in documents() for link in dead_links(document)]


def test_every_document_is_reached() -> None:
    for folder in ("docs", "docs/adr"):
        index = (ROOT / folder / "README.md").read_text()
        pages = {path.name for path in documents() if path.parent == Path(folder)} - {"README.md"}
        assert not [name for name in pages if f"({name})" not in index]


def test_no_block_is_without_a_language() -> None:
    assert not blocks("")


def test_shell_blocks_are_shell_and_name_real_targets() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for block in blocks("sh", "bash"):
        subprocess.run(["bash", "-n"], input=block.text, text=True, check=True)
        named = {name for line in re.findall(r"^make +(.*)$", block.text, re.MULTILINE) for name in line.split()[:1]}
        assert named <= targets, block.document


@pytest.mark.parametrize("language", ["python", "json"])
def test_other_blocks_are_what_they_say(language: str) -> None:
    for block in blocks(language):
        if language == "python":
            compile(block.text, str(block.document), "exec")
        else:
            json.loads(block.text)
