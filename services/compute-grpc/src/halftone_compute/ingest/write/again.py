"""The files of a published version as the beginning of another one, which orders its rows anew."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from halftone_compute.index.pair import content_hash
from halftone_compute.store.checksums import VerifiedFiles
from halftone_compute.store.manifest import load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from halftone_compute.index.pair import PairWish
    from halftone_compute.ingest.write.staging import Staging
    from halftone_compute.store.data_file import DataFile
    from halftone_compute.store.manifest import Manifest


def brought(staging: Staging, uri: str, wish: PairWish | None, on_progress: Callable[[int, int], None]) -> None:
    """Fills the new folder of an attempt with the files of the version whose manifest is `uri`, and its own manifest.

    `on_progress` gets the bytes so far and in all, and ends the work by raising. Raises OSError, and HalftoneError
    `not_found` for a version that is gone, `data_corrupt` for one that is damaged, `param_invalid` for the wish.
    """
    manifest, sources = beginning(load(staging.published(uri)))
    manifest = replace(manifest, content_hash=content_hash(manifest, wish))
    done, total, verified = 0, manifest.bytes, VerifiedFiles()
    for file in manifest.files:
        on_progress(done, total)
        staging.bring(str(PurePosixPath(uri).with_name(sources[file.file])), file.file)
        with (staging.folder / file.file).open("rb") as opened:
            verified.require(file, opened.fileno(), partial(on_progress, done, total))
        done += file.bytes
    staging.begin(manifest)


def beginning(published: Manifest) -> tuple[Manifest, Mapping[str, str]]:
    """A version with the same rows, whose files leave their names to those that an index writes; and the name that each
    of them has in the published one.
    """
    sources: dict[str, str] = {}

    def renamed(files: Mapping[str, DataFile], name_of: Callable[[str, DataFile], str]) -> dict[str, DataFile]:
        made = {role: replace(file, file=name_of(role, file)) for role, file in files.items()}
        sources.update({made[role].file: file.file for role, file in files.items()})
        return made

    columns = tuple(
        replace(column, files=renamed(column.files, partial(_name, place if column.storage == "plain" else None)))
        for place, column in enumerate(published.columns)
    )
    index = published.index
    if index is not None:
        index = replace(index, files=renamed(index.files, lambda role, _: f"before.{role}"))
    # Another order has a sample of its own.
    return replace(published, columns=columns, index=index, sample=None), sources


def _name(place: int | None, role: str, file: DataFile) -> str:
    """Files of a number for each row have the names that a conversion gives them; `place` is that of a plain column."""
    return f"c{place:04d}.{role}" if place is not None and role in ("values", "valid") else file.file
