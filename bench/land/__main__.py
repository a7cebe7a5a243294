"""Imports the land of the globe as the dataset `land` into what `make up` started, and measures it: `make sample-land`.

The table is written band by band, then imported as the flights are. Writes bench/out/land.json.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from halftone_compute.store.manifest import FILE_NAME, Manifest, load
from halftone_servicekit.storage import StorageAddress
from launcher.auth import CommandError
from launcher.lifecycle import running
from launcher.sample import import_file
from launcher.settings import Settings

from bench.land.mask import HEIGHT, bands, write_parquet

if TYPE_CHECKING:
    from collections.abc import Mapping

OUT = Path(__file__).parents[1] / "out" / "land.json"
SLUG, TITLE = "land", "Land of the globe, one point for each square kilometre on the equator"
_CHILD_MEMORY = re.compile(r"^halftone_ingest_child_memory_bytes (\S+)$", re.MULTILINE)


def measured(settings: Settings, environment: Mapping[str, str], rows: int) -> dict[str, object]:
    """The figures of one import of the first `rows` rows of cells. Raises CommandError."""
    path = settings.folder / "land.parquet"
    try:
        started = time.perf_counter()
        written = write_parquet(path, bands(stop=rows))
        writing = time.perf_counter() - started
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
        before = manifests(environment)
        started = time.perf_counter()
        import_file(path, SLUG, TITLE, environment, None)
        seconds = time.perf_counter() - started
    finally:
        path.unlink(missing_ok=True)
    made = manifests(environment) - before
    if not made:
        raise CommandError("Nothing was imported: delete the dataset to measure its import again.")
    return {
        "rows": written,
        "seconds of writing the table": round(writing, 1),
        "seconds of the import": round(seconds, 1),
        "rows a second of the import": round(written / seconds),
        "most memory of writing the table, MiB": memory >> 20,
        "most memory of a child of the worker, MiB": child_memory(settings) >> 20,
        **bytes_of(load(made.pop().read_bytes())),
    }


def child_memory(settings: Settings) -> int:
    """The most bytes that a child of the worker had resident since the worker started."""
    with urllib.request.urlopen(f"http://127.0.0.1:{settings.worker_metrics_port}/metrics") as answer:
        found = _CHILD_MEMORY.search(answer.read().decode())
    if found is None:
        raise CommandError("The worker tells nothing of its children.")
    return int(float(found[1]))


def manifests(environment: Mapping[str, str]) -> set[Path]:
    """Those of all versions in the storage, which is a folder."""
    folder = StorageAddress(environment["HALFTONE_STORAGE"]).folder()
    return set(folder.glob(f"datasets/*/versions/*/*/{FILE_NAME}"))


def bytes_of(manifest: Manifest) -> dict[str, int]:
    index = 0 if manifest.index is None else sum(file.bytes for file in manifest.index.files.values())
    return {"bytes of columns": manifest.bytes - index, "bytes of the index": index}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.land", description=__doc__)
    parser.add_argument("--rows", type=int, default=HEIGHT, help="rows of cells, from the north pole on")
    rows = parser.parse_args().rows
    settings = Settings()
    if running(settings.run) is None:
        print("Halftone is not running: `make up` starts it.", file=sys.stderr)
        return 2
    try:
        figures = measured(settings, settings.service_environment(os.environ), rows)
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
