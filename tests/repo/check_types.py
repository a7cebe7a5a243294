"""Checks the types of all Python: `python -m tests.repo.check_types`.

Every package calls its tests `tests`, so mypy sees one such folder at a time; the sources are checked together first
and come from its cache after that.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "libs" / "contracts"


def runs() -> list[tuple[Path, list[Path]]]:
    """(folder that module names are relative to, what to check) for each run of mypy."""
    packages = [path for path in sorted((*ROOT.glob("libs/*"), *ROOT.glob("services/*"))) if path != GENERATED]
    embedded = ROOT / "deploy" / "embedded"
    sources = [package / "src" for package in packages] + [embedded / "launcher"]
    ours = [ROOT / name for name in ("bench", "docs", "examples", "tests") if any((ROOT / name).rglob("*.py"))]
    tested = [package for package in (*packages, embedded) if any((package / "tests").rglob("*.py"))]
    return [(ROOT, sources + ours), *((base_of(package), [package / "tests"]) for package in tested)]


def base_of(package: Path) -> Path:
    """The folder of tests itself where it holds a rig, for tests import that by its own name."""
    tests = package / "tests"
    return tests if any(tests.glob("*_rig")) else package


def main() -> int:
    worst = 0
    for base, paths in runs():
        names = [str(path.relative_to(ROOT)) for path in paths]
        done = subprocess.run(
            [sys.executable, "-m", "mypy", "--no-error-summary", *names],
            cwd=ROOT,
            env={**os.environ, "MYPYPATH": str(base)},
            check=False,
        )
        worst = max(worst, done.returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
