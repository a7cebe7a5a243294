"""Orders the rows of a converted file by its default axes, makes their index, and draws a sample of them. Runs in a
child process.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from halftone_compute.index.pair import PairWish, is_ordered_by, pair_of
from halftone_compute.index.sample import SampleBuild
from halftone_compute.ingest.sandbox.messages import Progress
from halftone_compute.parallel import threads_to_use
from halftone_compute.store.hashed_file import HashedFile, Syncing
from halftone_compute.store.index import LEAF_ROWS
from halftone_compute.store.manifest import FILE_NAME, dump, load
from halftone_compute.store.sample import LEAST_ROWS, SAMPLE_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from halftone_compute.ingest.sandbox.messages import OrderRequest
    from halftone_compute.store.manifest import Manifest

    Report = Callable[[str, int, int], None]

_REPLACEMENT = f"{FILE_NAME}.new"
# What compiled loops and chunks of rows take beside the program that was loaded, and each row that is ordered at once.
_LOOP_BYTES = 144 << 20
ROW_BYTES = 80
# More at once would not fit into the cache of a processor, which makes each row dearer.
_LEAST_ROWS, _MOST_ROWS = LEAF_ROWS, 1 << 22


def order(request: OrderRequest, report: Callable[[Progress], None]) -> None:
    """Replaces the files in the folder of `request` by ordered ones, in one step: the replacement of the manifest. Then
    a sample is added in a second such step.

    Killed before a step, the folder is as it was but for files that no manifest names; killed after it, it is done. A
    second call removes such files, and does what is left. Raises OSError, and HalftoneError `data_corrupt` or
    `param_invalid`.
    """
    manifest = load((request.folder / FILE_NAME).read_bytes())
    _remove_unnamed(request.folder, manifest)

    def on_progress(phase: str, rows: int, total: int) -> None:
        report(Progress(phase, rows, total, rows, total))

    for step in (_indexed, _sampled):
        made = step(request, manifest, on_progress)
        if made is not None:
            _replace(request.folder, made)
            _remove_unnamed(request.folder, made)
            manifest = made


def _indexed(request: OrderRequest, manifest: Manifest, report: Report) -> Manifest | None:
    """The version with an index; None when it gets none, or has one."""
    pair = pair_of(manifest, PairWish.from_json(request.pair))
    if pair is None or is_ordered_by(manifest, pair):
        return None

    # Its compiled loops take long to load.
    from halftone_compute.index.build import IndexBuild

    threads = threads_to_use()
    most = most_rows(request.memory - _taken(), threads)
    with Syncing() as syncing:
        return IndexBuild(request.folder, manifest, pair, most, report, syncing.finish, threads).run()


def _sampled(request: OrderRequest, manifest: Manifest, report: Report) -> Manifest | None:
    """The version with a sample; likewise."""
    if manifest.sample is not None or manifest.rows <= LEAST_ROWS:
        return None
    return replace(manifest, sample=SampleBuild(request.folder, manifest, SAMPLE_ROWS, report).run())


def most_rows(memory: int, threads: int) -> int:
    """How many rows each thread orders at once within that many bytes that are left for all."""
    return max(_LEAST_ROWS, min(_MOST_ROWS, (memory - _LOOP_BYTES) // (threads * ROW_BYTES)))


def _taken() -> int:
    """Bytes of address space that this process has taken, which is what its memory is limited by."""
    pages, _ = Path("/proc/self/statm").read_text().split(maxsplit=1)
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _replace(folder: Path, manifest: Manifest) -> None:
    replacement = HashedFile(folder, _REPLACEMENT)
    replacement.write(dump(manifest))
    replacement.finish()
    (folder / _REPLACEMENT).rename(folder / FILE_NAME)


def _remove_unnamed(folder: Path, manifest: Manifest) -> None:
    named = {FILE_NAME, *(file.file for file in manifest.files)}
    for path in folder.iterdir():
        if path.name not in named:
            path.unlink()
