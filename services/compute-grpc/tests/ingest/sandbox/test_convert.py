"""A whole file becomes a whole version, and the store reads back what went in."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from halftone_compute.ingest.reading import ColumnReading, Dialect, Reading, ReadingWarning
from halftone_compute.ingest.sandbox.convert import convert, identity
from halftone_compute.ingest.sandbox.messages import ConvertRequest, Progress
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.tokens import Grant
from halftone_views.default_view import default_view
from ingest_rig.samples import parquet

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.store.base import Block
    from halftone_compute.store.manifest import Manifest

ROWS = 200_000


def _request(root: Path, data: bytes, kind: str, max_bytes: int = 1 << 40) -> ConvertRequest:
    (root / "source").write_bytes(data)
    (root / "version").mkdir()
    return ConvertRequest(root / "source", kind, root / "version", "d", "v", max_bytes)


def _converted(root: Path, data: bytes, kind: str) -> tuple[Manifest, list[Progress], dict[str, np.ndarray]]:
    reported: list[Progress] = []
    manifest = convert(_request(root, data, kind), reported.append)
    grant = Grant("someone", "d", "v", "version/manifest.json", frozenset("*"), "", "view", 4e9)
    version = LocalStore(root).open(grant)
    plain = [name for name, info in version.columns.items() if info.type != "text"]
    blocks: list[Block] = list(version.blocks(plain, None))
    return manifest, reported, {name: np.concatenate([block.values[name] for block in blocks]) for name in plain}


def test_parquet(tmp_path: Path) -> None:
    table = {"x": np.arange(10_000) % 97, "y": np.arange(10_000) / 7, "k": ["a", "b", "b", None] * 2_500}
    data = parquet(table, row_group_size=3_000)
    manifest, reported, columns = _converted(tmp_path, data, "parquet")
    assert manifest.rows == 10_000
    np.testing.assert_array_equal(columns["x"], table["x"])
    np.testing.assert_array_equal(columns["y"], table["y"])
    np.testing.assert_array_equal(columns["k"][:4], [1, 0, 0, 2])
    assert list(dict.fromkeys(progress.phase for progress in reported)) == [
        "reading",
        "ranking categories",
        "checksums",
    ]
    assert reported[-1] == Progress("checksums", 10_000, 10_000, len(data), len(data))


def test_csv_gives_the_same_as_parquet(tmp_path: Path) -> None:
    text = "x,when\n" + "".join(f"{n % 13},2001-01-0{1 + n % 9}\n" for n in range(5_000))
    manifest, _, columns = _converted(tmp_path, text.encode(), "csv")
    assert [column.info.type for column in manifest.columns] == ["number", "time"]
    np.testing.assert_array_equal(columns["x"], np.arange(5_000) % 13)
    assert columns["when"][1] - columns["when"][0] == 86_400_000_000


def test_a_type_that_widens_late_starts_over_and_loses_nothing(tmp_path: Path) -> None:
    text = "a,b,note\n" + f"1,x,{'n' * 60}\n" * 300_000 + "2.5,y,\n"
    manifest, _, columns = _converted(tmp_path, text.encode(), "csv")
    assert (manifest.rows, manifest.columns[0].info.dtype) == (300_001, "double")
    assert columns["a"][-1] == 2.5
    assert columns["b"].sum() == 1


def test_equal_bytes_have_equal_hashes(tmp_path: Path) -> None:
    hashes = set()
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        manifest, *_ = _converted(tmp_path / place, b"a\n1\n", "csv")
        hashes.add(manifest.content_hash)
    assert len(hashes) == 1


def test_columns_left_out_are_named(tmp_path: Path) -> None:
    manifest, *_ = _converted(tmp_path, parquet({"a": [1], "nested": [[1]]}), "parquet")
    assert [(skipped.name, skipped.reason) for skipped in manifest.skipped] == [("nested", "unsupported_type")]


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        (b"", "parquet", ErrorCode.EMPTY_FILE),
        (b"", "csv", ErrorCode.EMPTY_FILE),
        (b"x", "docx", ErrorCode.UNSUPPORTED_TYPE),
        (b"a,b\n1\n", "csv", ErrorCode.RAGGED_ROW),
    ],
)
def test_errors(tmp_path: Path, data: bytes, kind: str, code: ErrorCode) -> None:
    with pytest.raises(HalftoneError) as caught:
        convert(_request(tmp_path, data, kind), lambda _: None)
    assert caught.value.code == code


def test_a_version_over_the_setting(tmp_path: Path) -> None:
    with pytest.raises(HalftoneError) as caught:
        convert(_request(tmp_path, parquet({"a": np.arange(100_000)}), "parquet", 100_000), lambda _: None)
    assert caught.value.code == ErrorCode.TOO_LARGE_UNCOMPRESSED


def test_the_same_file_read_in_another_way_is_another_version(tmp_path: Path) -> None:
    column = ColumnReading("a", "a", "number")
    reading = Reading("csv", (column,), Dialect(), (ReadingWarning("no_header", "There is no header."),))
    plain = identity("hash", reading)
    assert identity("hash", replace(reading, warnings=())) == plain
    others = [
        identity("other", reading),
        identity("hash", replace(reading, dialect=Dialect(";"))),
        identity("hash", replace(reading, columns=(replace(column, leave_out=True),))),
    ]
    assert len({plain, *others}) == 4
    data = b"a,b\n1,2\n3,4\n"
    assert convert(_request(tmp_path, data, "csv"), lambda _: None).content_hash != hashlib.sha256(data).hexdigest()


def _taxis() -> bytes:
    """A CSV of pick-ups: 0.3 % have zero coordinates, and fares are skewed, with one of 650,000."""
    random = np.random.default_rng(7)
    lon, lat = random.normal(-73.97, 0.03, ROWS), random.normal(40.75, 0.03, ROWS)
    lost = random.random(ROWS) < 0.003
    lon[lost], lat[lost] = 0, 0
    fare = np.round(random.lognormal(2.5, 0.6, ROWS), 2)
    fare[0] = 650_000
    lines = (f"{a:.6f},{b:.6f},{c}" for a, b, c in zip(lon, lat, fare, strict=True))
    return b"pickup_longitude,pickup_latitude,fare\n" + "\n".join(lines).encode()


def _fares() -> bytes:
    """A Parquet file of skewed fares by time, with one of 650,000."""
    random = np.random.default_rng(7)
    when = np.sort(random.integers(0, 86_400_000_000, ROWS)).astype("datetime64[us]")
    fare = random.lognormal(2.5, 0.6, ROWS)
    fare[ROWS // 2] = 650_000
    return parquet({"when": when, "fare": fare})


@pytest.mark.parametrize(
    ("data", "kind", "axes"),
    [
        (_taxis, "csv", ("pickup_longitude", "pickup_latitude")),
        (_fares, "parquet", ("when", "fare")),
    ],
    ids=["taxis", "fares"],
)
def test_data_fills_the_picture_a_file_opens_with(tmp_path: Path, data: object, kind: str, axes: object) -> None:
    assert callable(data)
    manifest, _, columns = _converted(tmp_path, data(), kind)
    view = default_view([entry.info for entry in manifest.columns], manifest.rows)
    assert view is not None
    assert view.y is not None
    assert (view.x, view.y) == axes
    x, y = (columns[name].astype(float) for name in (view.x, view.y))
    inside = (x >= view.x_min) & (x < view.x_max) & (y >= view.y_min) & (y < view.y_max)
    assert inside.mean() > 0.97
    spanned = float(np.ptp(x[inside])) * float(np.ptp(y[inside]))
    # Explore leaves 2 % of room on each side.
    assert spanned / ((view.x_max - view.x_min) * (view.y_max - view.y_min) * 1.04**2) >= 0.6
