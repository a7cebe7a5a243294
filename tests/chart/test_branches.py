"""Both branches of every conditional in the templates are taken by a file of the matrix.

A copy of the chart fails in every branch at once. Each render then ends in the first branch that it comes to; that one
is taken out, and the render goes on to the next, until a render of every file passes. What still fails nobody reaches.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from .render import CHART, MATRIX, template

# The refusals have a test each.
APART = {"_validate.tpl", "validate.yaml"}
# What is kept over an upgrade takes a cluster to look it up in: tests/cluster has it.
ON_A_CLUSTER = {"_secrets.tpl", "secrets/compute-tls.yaml", "secrets/signing.yaml"}
TAG = re.compile(r"{{-?\s*(/\*.*?\*/|.*?)\s*-?}}", re.DOTALL)
OPENS, ENDS, ELSE = re.compile(r"(if|with|range|define|block)\b"), re.compile(r"end\b"), re.compile(r"else\b")


@dataclass(frozen=True)
class Branch:
    """Where text is to be put for a branch to fail, and what the branch is."""

    offset: int
    text: str
    name: str

    def failing(self, number: int) -> str:
        """What is put there."""
        return self.text.replace("FAIL", f'{{{{ fail "branch {number} taken" }}}}')


def branches(file: str, source: str) -> list[Branch]:
    """The branches of a template, in order: after each condition, and in an `else` that may have to be added."""
    found: list[Branch] = []
    open_blocks: list[tuple[str, bool, str]] = []
    for tag in TAG.finditer(source):
        body = tag.group(1)
        name = f"{file}:{source.count(chr(10), 0, tag.start()) + 1}"
        if opens := OPENS.match(body):
            open_blocks.append((opens.group(1), False, name))
            if opens.group(1) in ("if", "with"):
                found.append(Branch(tag.end(), "FAIL", f"{name} {body}"))
        elif ELSE.match(body):
            kind, _, where = open_blocks.pop()
            open_blocks.append((kind, not re.match(r"else (if|with)", body), where))
            found.append(Branch(tag.end(), "FAIL", f"{name} {body}"))
        elif ENDS.match(body):
            kind, has_else, where = open_blocks.pop()
            if kind in ("if", "with") and not has_else:
                found.append(Branch(tag.start(), "{{ else }}FAIL", f"{where} otherwise"))
    assert not open_blocks
    return sorted(found, key=lambda branch: branch.offset)


def write(folder: Path, every: dict[str, list[tuple[int, Branch]]], reached: set[int], files: set[str]) -> None:
    for file in files:
        source, out, last = (CHART / "templates" / file).read_text(), [], 0
        for number, branch in every[file]:
            out += [source[last : branch.offset], "" if number in reached else branch.failing(number)]
            last = branch.offset
        (folder / "templates" / file).write_text("".join([*out, source[last:]]))


def unreached(folder: Path) -> list[str]:
    """Names of the branches that no file of the matrix takes."""
    paths = [path for path in (CHART / "templates").rglob("*") if path.is_file() and path.name not in APART]
    every: dict[str, list[tuple[int, Branch]]] = {}
    place: dict[int, tuple[str, Branch]] = {}
    for path in sorted(paths):
        file = str(path.relative_to(CHART / "templates"))
        numbered = [(len(place) + n, branch) for n, branch in enumerate(branches(file, path.read_text()))]
        every[file] = numbered
        place |= {number: (file, branch) for number, branch in numbered}
    assert len(place) > 150
    reached: set[int] = set()
    write(folder, every, reached, set(every))
    for name, release in [*((name, "halftone") for name in MATRIX), ("default", "pictures")]:
        while (done := template("-f", str(CHART / "ci" / f"{name}.yaml"), chart=folder, release=release)).returncode:
            taken = re.search(r"branch (\d+) taken", done.stderr)
            assert taken, done.stderr
            reached.add(int(taken[1]))
            write(folder, every, reached, {place[int(taken[1])][0]})
    return [branch.name for number, (_, branch) in place.items() if number not in reached]


def test_every_branch_is_taken_by_a_file_of_the_matrix(tmp_path: Path) -> None:
    copy = shutil.copytree(CHART, tmp_path / "halftone", ignore=shutil.ignore_patterns("ci"))
    missed = [name for name in unreached(copy) if not (name.startswith(tuple(ON_A_CLUSTER)) and "$data" in name)]
    assert not missed, "\n".join(missed)
