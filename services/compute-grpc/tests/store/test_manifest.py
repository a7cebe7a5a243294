"""The manifest survives a round trip and nothing else passes for one."""

from __future__ import annotations

import contextlib
import json

import pytest
from halftone_compute.store.data_file import DataFile
from halftone_compute.store.manifest import ColumnEntry, Manifest, Skipped, dump, load
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.columns import ColumnInfo


def _entry(name: str, *files: str) -> ColumnEntry:
    info = ColumnInfo(name, "category", "string", None, None, 1, 2, (("a", 3), (None, 1)))
    made = {role: DataFile(file, 16, "ab" * 32) for role, file in zip(("values", "labels"), files, strict=False)}
    return ColumnEntry(info, "plain", "<i4", made)


def _manifest(*columns: ColumnEntry) -> Manifest:
    return Manifest("d", "v", 4, "cd" * 32, columns, (Skipped("nested", "struct<a: int64>", "unsupported_type"),))


def test_round_trip() -> None:
    manifest = _manifest(_entry("carrier", "c0.values", "c0.labels"), _entry("Größe ☃", "c1.values"))
    assert load(dump(manifest)) == manifest
    assert manifest.bytes == 48


def test_every_flipped_byte_is_seen() -> None:
    raw = dump(_manifest(_entry("a", "c0.values")))
    for place in range(len(raw)):
        damaged = bytearray(raw)
        damaged[place] ^= 0x01
        # Only white space may change unseen.
        with contextlib.suppress(HalftoneError):
            assert load(bytes(damaged)) == load(raw)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"null", b"\xff", b'{"checksum": "x"}', b"{" * 1000])
def test_garbage_is_corrupt(raw: bytes) -> None:
    with pytest.raises(HalftoneError) as caught:
        load(raw)
    assert caught.value.code == ErrorCode.DATA_CORRUPT


@pytest.mark.parametrize("name", ["../c0", "/etc/passwd", "a/b", "", ".hidden", "A", "c0\n", "x" * 200])
def test_files_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(HalftoneError):
        load(dump(_manifest(_entry("a", name))))


def test_parts_that_do_not_fit_are_refused() -> None:
    same_name = _manifest(_entry("a", "c0.values"), _entry("a", "c1.values"))
    same_file = _manifest(_entry("a", "c0.values"), _entry("b", "c0.values"))
    no_values = _manifest(_entry("a"))
    for manifest in (same_name, same_file, no_values):
        with pytest.raises(HalftoneError):
            load(dump(manifest))


def test_an_unknown_format_is_refused() -> None:
    body = json.loads(dump(_manifest(_entry("a", "c0.values"))))
    body["format"] = 2
    with pytest.raises(HalftoneError):
        load(json.dumps(body).encode())
