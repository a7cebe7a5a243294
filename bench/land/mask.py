"""The land of the globe as points: cells of a 120th of a degree, one kilometre on the equator, out of a package.

The package `global-land-mask` unpacks its mask of 933,120,000 cells when it is imported. So it is only looked for here,
and its file is read from the north to the south, some rows of cells at a time.
"""

from __future__ import annotations

import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PER_DEGREE = 120
HEIGHT, WIDTH = 180 * PER_DEGREE, 360 * PER_DEGREE
BAND_ROWS = 60
_PACKAGE, _FILE, _MEMBER = "global_land_mask", "globe_combined_mask_compressed.npz", "mask.npy"
_SCHEMA = pa.schema([("lon", pa.float32()), ("lat", pa.float32())])


def bands(first: int = 0, stop: int = HEIGHT) -> Iterator[tuple[int, np.ndarray]]:
    """Rows `first` to `stop` of cells from the north pole on: (row, bool of shape (rows, WIDTH), True for land)."""
    with zipfile.ZipFile(_path()) as archive, archive.open(_MEMBER) as file:
        np.lib.format.read_magic(file)
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        if shape != (HEIGHT, WIDTH) or dtype != np.bool_:
            raise ValueError(f"the mask is {shape} of {dtype}")
        for row in range(0, stop, BAND_ROWS):
            rows = min(BAND_ROWS, stop - row)
            sea = np.frombuffer(file.read(rows * WIDTH), np.bool_).reshape(rows, WIDTH)
            if row + rows > first:
                skipped = max(0, first - row)
                yield row + skipped, ~sea[skipped:]


def points(row: int, land: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude, float32 degrees, of the middle of each cell of land in a band."""
    rows, columns = np.nonzero(land)
    lon = (columns + 0.5) / PER_DEGREE - 180
    lat = 90 - (row + rows + 0.5) / PER_DEGREE
    return lon.astype(np.float32), lat.astype(np.float32)


def write_parquet(path: Path, found: Iterable[tuple[int, np.ndarray]]) -> int:
    """Writes the land of some bands, a row group for each; how many points."""
    written = 0
    with pq.ParquetWriter(path, _SCHEMA, compression="zstd", compression_level=1) as writer:
        for row, land in found:
            lon, lat = points(row, land)
            writer.write_table(pa.table([pa.array(lon), pa.array(lat)], schema=_SCHEMA))
            written += len(lon)
    return written


def _path() -> Path:
    package = find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise ModuleNotFoundError(f"{_PACKAGE}, which brings the mask, is not installed")
    return Path(package.origin).parent / _FILE
