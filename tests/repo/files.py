"""What is in the repository: files under version control or about to be, generated ones apart."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
GENERATED = ("libs/contracts/src/", "frontend/src/gen/", "proto/released.json")


@cache
def tracked() -> tuple[Path, ...]:
    """Paths relative to the root, ignored files left out."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    names = sorted(name for name in listed.stdout.decode().split("\0") if name)
    return tuple(Path(name) for name in names if (ROOT / name).is_file())


def written(*suffixes: str) -> list[Path]:
    """Files with one of the suffixes that a person wrote."""
    return [path for path in tracked() if path.suffix in suffixes and not str(path).startswith(GENERATED)]


def documents() -> list[Path]:
    """The Markdown files."""
    return written(".md")
