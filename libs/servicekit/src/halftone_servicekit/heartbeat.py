"""A sign of life for processes that answer no requests: a file, touched while their loop turns.

`python -m halftone_servicekit.heartbeat --max-age 60` is the probe: it reads HALFTONE_HEARTBEAT_FILE and exits with 0
while that file is young enough, else with 1. It imports nothing but the standard library, so that it starts at once.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

VARIABLE = "HALFTONE_HEARTBEAT_FILE"
EVERY_S = 5.0


class Heartbeat:
    """Touches `file` at most every `every_s` seconds, however often the loop comes by; without a file, nothing."""

    def __init__(self, file: Path | None, every_s: float = EVERY_S) -> None:
        self.every_s = every_s
        self._file = file
        self._due = 0.0

    def beat(self) -> None:
        """The loop has turned."""
        now = time.monotonic()
        if self._file is None or now < self._due:
            return
        self._due = now + self.every_s
        # A file that cannot be touched grows old, so the probe fails as it should.
        with suppress(OSError):
            self._file.touch()


def age(file: Path) -> float:
    """Seconds since the last beat; infinite when there was none."""
    try:
        # Both times are of the same clock, and a file from the future is no sign of life.
        return abs(time.time() - file.stat().st_mtime)
    except OSError:
        return float("inf")


def main(arguments: Sequence[str] | None = None) -> int:
    """The probe."""
    parser = argparse.ArgumentParser(prog="heartbeat", description=f"Looks at the age of the file in {VARIABLE}.")
    parser.add_argument("--max-age", type=float, default=60.0, help="Seconds.")
    max_age = parser.parse_args(arguments).max_age
    name = os.environ.get(VARIABLE)
    if not name:
        sys.stderr.write(f"{VARIABLE} is not set\n")
        return 1
    seconds = age(Path(name))
    if seconds > max_age:
        sys.stderr.write(f"the last beat was {seconds:.0f} s ago\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
