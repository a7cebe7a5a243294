"""The beginning of a version out of a published one; whole indexes are tested with their attempts."""

from __future__ import annotations

from halftone_compute.ingest.write.again import beginning
from halftone_compute.store.data_file import DataFile
from halftone_compute.store.index.entry import ROLES, IndexEntry
from halftone_compute.store.manifest import ColumnEntry, Manifest
from halftone_views.columns import ColumnInfo


def entry(name: str, storage: str, **files: str) -> ColumnEntry:
    return ColumnEntry(ColumnInfo(name, "number", "double"), storage, "<f8", _files(**files))


def _files(**names: str) -> dict[str, DataFile]:
    return {role: DataFile(name, 8, "0" * 64) for role, name in names.items()}


def test_names_that_an_index_writes_are_free_again() -> None:
    columns = (
        entry("x", "plain", values="s0000.values", valid="s0000.valid"),
        entry("kind", "plain", values="s0001.values", labels="c0001.labels"),
        entry("note", "utf8", values="c0002.text", offsets="c0002.offsets", valid="c0002.valid"),
    )
    index = IndexEntry("x", "x", 0, 1, ("x",), _files(**{role: f"index.{role}" for role in ROLES}))
    made, sources = beginning(Manifest("d", "v", 1, "hash", columns, index=index))
    assert sources == {
        "c0000.values": "s0000.values",
        "c0000.valid": "s0000.valid",
        "c0001.values": "s0001.values",
        "c0001.labels": "c0001.labels",
        "c0002.text": "c0002.text",
        "c0002.offsets": "c0002.offsets",
        "c0002.valid": "c0002.valid",
        **{f"before.{role}": f"index.{role}" for role in ROLES},
    }
    assert [file.file for file in made.files] == list(sources)
    assert beginning(made)[0].columns == made.columns


def test_a_version_without_an_index_keeps_its_names() -> None:
    made, sources = beginning(Manifest("d", "v", 1, "hash", (entry("x", "plain", values="c0000.values"),)))
    assert made.index is None
    assert sources == {"c0000.values": "c0000.values"}
