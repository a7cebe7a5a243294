"""An import of a CSV file, measured against DuckDB's `read_csv`: `python -m bench.csv_import`.

Five columns of numbers. Both take turns, each in a process of its own: the import as the worker makes it, in the
confined child, up to the files of the version with statistics and checksums; and DuckDB, which fills a table in its
memory from the same file, with as many threads. Only the ratio is quoted. Writes bench/out/csv-import.json.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
from halftone_compute.ingest.sandbox.confine import ChildLimits
from halftone_compute.ingest.sandbox.messages import ConvertRequest
from halftone_compute.ingest.sandbox.parent import convert_in_child

OUT = Path(__file__).parent / "out" / "csv-import.json"
PART = 500_000
DUCKDB = """
import sys, time, duckdb
connection = duckdb.connect(config={"threads": int(sys.argv[2])})
connection.execute("set enable_progress_bar = false")
started = time.perf_counter()
connection.execute("create table t as select * from read_csv(?)", [sys.argv[1]])
print(time.perf_counter() - started)
"""


def write_table(path: Path, rows: int) -> None:
    """Write an id, two coordinates, an amount and a small count for each of `rows`."""
    rng = np.random.default_rng(1)
    with path.open("wb") as file:
        file.write(b"id,lon,lat,fare,people\n")
        for start in range(0, rows, PART):
            count = min(PART, rows - start)
            part = {
                "id": np.arange(start, start + count),
                "lon": np.round(rng.normal(-73.9, 0.1, count), 6),
                "lat": np.round(rng.normal(40.7, 0.1, count), 6),
                "fare": np.round(rng.gamma(2, 8, count), 2),
                "people": rng.integers(1, 7, count),
            }
            pa.csv.write_csv(
                pa.table({name: pa.array(values) for name, values in part.items()}),
                file,
                pa.csv.WriteOptions(include_header=False),
            )


def import_seconds(path: Path, memory: int) -> float:
    """Return how long the import takes in the confined child, with `memory` bytes of address space."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        request = ConvertRequest(path, "csv", Path(folder), "dataset", "version", 1 << 40)
        started = time.perf_counter()
        convert_in_child(request, ChildLimits(memory, 3_600, 1 << 40), lambda _: None, lambda: None)
        return time.perf_counter() - started


def duckdb_seconds(path: Path, threads: int) -> float:
    """Return how long DuckDB takes, without the start of its process."""
    command = [sys.executable, "-c", DUCKDB, str(path), str(threads)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measure(rows: int, rounds: int, memory: int) -> dict[str, object]:
    """Return the figures of one run."""
    threads = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "table.csv"
        write_table(path, rows)
        import_seconds(path, memory)
        pairs = [(import_seconds(path, memory), duckdb_seconds(path, threads)) for _ in range(rounds)]
        size = path.stat().st_size
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    return {
        "machine": {"cores": threads, "python": platform.python_version()},
        "rows": rows,
        "bytes": size,
        "million rows a second": {"import": round(rows / ours / 1e6, 2), "DuckDB": round(rows / theirs / 1e6, 2)},
        "import over DuckDB": round(statistics.median(ours / theirs for ours, theirs in pairs), 2),
        "most memory of a child, MiB": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10,
    }


def main() -> None:
    """Measure once, print the figures, write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", type=int, default=4 << 30, help="bytes of address space of an import")
    arguments = parser.parse_args()
    results = measure(arguments.rows, arguments.rounds, arguments.memory)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
