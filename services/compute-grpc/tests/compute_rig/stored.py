"""Versions written as ingest writes them, for tests of the stores."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from halftone_compute.store.data_file import DataFile
from halftone_compute.store.manifest import ColumnEntry, Manifest, dump
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.tokens import Grant
from halftone_views.columns import ColumnInfo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from halftone_compute.store.base import Block

DATASET = "6a1f0f0e-0000-4000-8000-000000000001"
VERSION = "6a1f0f0e-0000-4000-8000-000000000002"


@dataclass(frozen=True)
class Made:
    """A version that was written to disk."""

    root: Path
    manifest: str

    def file(self, name: str) -> Path:
        return (self.root / self.manifest).parent / name

    def grant(self, *columns: str, manifest: str | None = None, version_id: str = VERSION) -> Grant:
        return Grant(
            subject="someone",
            dataset_id=DATASET,
            version_id=version_id,
            manifest=self.manifest if manifest is None else manifest,
            columns=frozenset(columns or ("*",)),
            policy_hash="",
            purpose="view",
            expires_at=4e9,
        )


def write(
    root: Path,
    columns: Mapping[str, np.ndarray],
    valid: Mapping[str, np.ndarray] | None = None,
    categories: Mapping[str, int] | None = None,
    infos: Mapping[str, Mapping[str, Any]] | None = None,
) -> Made:
    """A version of these columns; `categories`: how many those columns have whose numbers are codes; `infos`: more that
    is said of columns, as fields of ColumnInfo.
    """
    folder = root / "datasets" / DATASET / "versions" / VERSION / "1"
    folder.mkdir(parents=True)
    entries = []
    for place, (name, values) in enumerate(columns.items()):
        files = {"values": _file(folder, f"c{place}.values", values.tobytes())}
        if valid and name in valid:
            files["valid"] = _file(folder, f"c{place}.valid", valid[name].tobytes())
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (None, None)
        info = ColumnInfo(name, "number", str(values.dtype), low, high, 0, len(finite), ())
        if categories and name in categories:
            info = ColumnInfo(name, "category", "string", distinct=categories[name])
        info = replace(info, **(infos or {}).get(name, {}))
        entries.append(ColumnEntry(info, "plain", values.dtype.str, files))
    text = ColumnInfo("note", "text", "string", None, None, 0, 0, ())
    files = {"values": _file(folder, "t.values", b"abc"), "offsets": _file(folder, "t.offsets", b"")}
    entries.append(ColumnEntry(text, "utf8", "", files))
    rows = len(next(iter(columns.values())))
    (folder / "manifest.json").write_bytes(dump(Manifest(DATASET, VERSION, rows, "0" * 64, tuple(entries))))
    return Made(root, str((folder / "manifest.json").relative_to(root)))


def read_blocks(made: Made, *columns: str, store: LocalStore | None = None) -> list[Block]:
    return list((store or LocalStore(made.root)).open(made.grant()).blocks(columns, None))


def error_code(made: Made, *columns: str, store: LocalStore | None = None) -> ErrorCode:
    with pytest.raises(HalftoneError) as caught:
        read_blocks(made, *columns, store=store)
    return caught.value.code


def _file(folder: Path, name: str, data: bytes) -> DataFile:
    (folder / name).write_bytes(data)
    return DataFile(name, len(data), hashlib.sha256(data).hexdigest())
