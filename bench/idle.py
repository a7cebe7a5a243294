"""What the product costs at rest: processor time of each program while no browser is open.

    python -m bench.idle

Starts the product on free ports, waits until it is calm, then reads /proc for a minute. `make bench` runs it too.
Writes bench/out/idle.json.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from launcher.processes import records

from tests.e2e.product import Product

OUT = Path(__file__).parent / "out" / "idle.json"
TICKS = os.sysconf("SC_CLK_TCK")
# Warming up is over once a look costs less than this, in percent of a core.
CALM_PERCENT = 5.0
LOOK_S = 5.0
PATIENCE_S = 180.0


def processor_seconds(run: Path) -> dict[str, float]:
    """Program → seconds on a processor so far, of all its processes."""
    return {record.name: sum(map(seconds_of, record.members())) for record in records(run)}


def seconds_of(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def percents(run: Path, seconds: float) -> dict[str, float]:
    """Program → percent of a core over the next `seconds`."""
    started, before = time.monotonic(), processor_seconds(run)
    time.sleep(seconds)
    after, took = processor_seconds(run), time.monotonic() - started
    return {name: round(100 * (after[name] - before[name]) / took, 3) for name in after}


def wait_until_calm(run: Path) -> None:
    """Waits until the programs have warmed up, or for a limited time."""
    deadline = time.monotonic() + PATIENCE_S
    while sum(percents(run, LOOK_S).values()) > CALM_PERCENT and time.monotonic() < deadline:
        pass


def measure(product: Product, seconds: float) -> dict[str, float]:
    """Program → percent of a core at rest, and all `together`."""
    run = product.home / "run"
    wait_until_calm(run)
    found = percents(run, seconds)
    return {**found, "together": round(sum(found.values()), 3)}


def print_table(found: Mapping[str, float]) -> None:
    """One line for each program."""
    print(f"{'at rest':12}{'% of a core':>14}")
    for name, percent in found.items():
        print(f"{name:12}{percent:>14.3f}")


def main() -> None:
    """Measure once, print the table, write the file."""
    parser = argparse.ArgumentParser(prog="bench.idle", description="What the product costs at rest.")
    parser.add_argument("--seconds", type=float, default=60.0, help="How long to measure.")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as home:
        product = Product(Path(home), {"HALFTONE_SAMPLE": "none"})
        product.make("up", "DETACH=1")
        try:
            found = measure(product, seconds)
        finally:
            product.make("down")
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"machine": machine, "seconds": seconds, "percent of a core": found}, indent=2) + "\n")
    print_table(found)


if __name__ == "__main__":
    main()
