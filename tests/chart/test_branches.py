"""Both branches of every conditional in the templates are taken by a file of the matrix.

A copy of the chart calls `fail` in every branch at once. `helm lint` logs a call of `fail` and goes on, so one run for
each file names nearly every branch that the file takes; the calls in those are taken out. A render ends in the first
branch that still fails; that one is taken out too, until a render of every file passes. No file reaches what is left.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.tools import program

from .render import CHART, MATRIX, template

# The refusals have a test each.
APART = {"_validate.tpl", "validate.yaml"}
# What is kept over an upgrade takes a cluster to look it up in: tests/cluster has it.
ON_A_CLUSTER = {"_secrets.tpl", "secrets/compute-tls.yaml", "secrets/signing.yaml"}
TAG = re.compile(r"{{-?\s*(/\*.*?\*/|.*?)\s*-?}}", re.DOTALL)
OPENS, ENDS, ELSE = re.compile(r"(if|with|range|define|block)\b"), re.compile(r"end\b"), re.compile(r"else\b")
TAKEN = re.compile(r"branch (\d+) taken")


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


def linted(folder: Path, name: str) -> set[int]:
    """Numbers of the branches that `helm lint` takes with a file of the matrix."""
    values = ("-f", str(CHART / "ci" / f"{name}.yaml"))
    command = [str(program("helm")), "lint", str(folder), *values, "--kube-version", "1.36.4", "--debug"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {int(number) for number in TAKEN.findall(done.stderr)}


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
    write(folder, every, set(), set(every))
    reached = set().union(*(linted(folder, name) for name in MATRIX))
    assert reached, "helm lint no longer names what fails"
    write(folder, every, reached, set(every))
    for name, release in [*((name, "halftone") for name in MATRIX), ("default", "pictures")]:
        while (done := template("-f", str(CHART / "ci" / f"{name}.yaml"), chart=folder, release=release)).returncode:
            taken = TAKEN.search(done.stderr)
            assert taken, done.stderr
            reached.add(int(taken[1]))
            write(folder, every, reached, {place[int(taken[1])][0]})
    return [branch.name for number, (_, branch) in place.items() if number not in reached]


def test_every_branch_is_taken_by_a_file_of_the_matrix(tmp_path: Path) -> None:
    copy = shutil.copytree(CHART, tmp_path / "halftone", ignore=shutil.ignore_patterns("ci"))
    missed = [name for name in unreached(copy) if not (name.startswith(tuple(ON_A_CLUSTER)) and "$data" in name)]
    assert not missed, "\n".join(missed)
