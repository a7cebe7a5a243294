"""Files of at most 400 lines, functions of at most 50. The functions of TypeScript are oxlint's to count."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from .files import ROOT, written

FILE_LINES = 400
FUNCTION_LINES = 50


def test_files_are_short() -> None:
    files = written(".py", ".ts", ".tsx", ".js", ".css", ".sh", ".proto")
    assert len(files) > 100
    assert not [path for path in files if len((ROOT / path).read_text().splitlines()) > FILE_LINES]


def test_python_functions_are_short() -> None:
    assert not [found for path in written(".py") for found in long_functions(path, (ROOT / path).read_text())]


def test_a_long_function_is_found() -> None:
    body = "    x = 1\n" * FUNCTION_LINES
    assert not list(long_functions(Path("a.py"), "def short():\n" + body[:-10]))
    assert list(long_functions(Path("a.py"), "async def long():\n" + body)) == ["a.py:1 long has 51 lines"]


def test_typescript_functions_are_counted_by_oxlint() -> None:
    rules = json.loads((ROOT / "frontend" / ".oxlintrc.json").read_text())["rules"]
    assert rules["max-lines-per-function"][1]["max"] == FUNCTION_LINES
    assert rules["max-lines"][1]["max"] == FILE_LINES


def long_functions(path: Path, source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{path}:{node.lineno} {node.name} has {lines} lines"
