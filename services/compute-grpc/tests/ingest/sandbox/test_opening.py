"""What real files open with, from their bytes to the default view: data fills most of the picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from halftone_compute.ingest.sandbox.convert import convert
from halftone_compute.ingest.sandbox.messages import ConvertRequest
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.tokens import Grant
from halftone_views.default_view import default_view
from ingest_rig.samples import parquet

FLIGHTS = next(Path(__file__).parents[5].glob("deploy/embedded/sample/**/flights-3m.parquet"))
ROWS = 200_000


def taxis() -> bytes:
    """A CSV of pick-ups: 0.3 % have zero coordinates, and fares are skewed, with one of 650,000."""
    random = np.random.default_rng(7)
    lon, lat = random.normal(-73.97, 0.03, ROWS), random.normal(40.75, 0.03, ROWS)
    lost = random.random(ROWS) < 0.003
    lon[lost], lat[lost] = 0, 0
    fare = np.round(random.lognormal(2.5, 0.6, ROWS), 2)
    fare[0] = 650_000
    lines = (f"{a:.6f},{b:.6f},{c}" for a, b, c in zip(lon, lat, fare, strict=True))
    return b"pickup_longitude,pickup_latitude,fare\n" + "\n".join(lines).encode()


def fares() -> bytes:
    """A Parquet file of skewed fares by time, with one of 650,000."""
    random = np.random.default_rng(7)
    when = np.sort(random.integers(0, 86_400_000_000, ROWS)).astype("datetime64[us]")
    fare = random.lognormal(2.5, 0.6, ROWS)
    fare[ROWS // 2] = 650_000
    return parquet({"when": when, "fare": fare})


@pytest.mark.parametrize(
    ("data", "kind", "axes"),
    [
        (taxis, "csv", ("pickup_longitude", "pickup_latitude")),
        (fares, "parquet", ("when", "fare")),
        (FLIGHTS.read_bytes, "parquet", ("date", "distance")),
    ],
    ids=["taxis", "fares", "flights"],
)
def test_data_fills_the_picture_a_file_opens_with(tmp_path: Path, data: object, kind: str, axes: object) -> None:
    assert callable(data)
    (tmp_path / "source").write_bytes(data())
    (tmp_path / "version").mkdir()
    request = ConvertRequest(tmp_path / "source", kind, tmp_path / "version", "d", "v", 1 << 40)
    manifest = convert(request, lambda _: None)
    view = default_view([entry.info for entry in manifest.columns], manifest.rows)
    assert view is not None
    assert view.y is not None
    assert (view.x, view.y) == axes
    x, y = stored(tmp_path, view.x, view.y)
    inside = (x >= view.x_min) & (x < view.x_max) & (y >= view.y_min) & (y < view.y_max)
    assert inside.mean() > 0.97
    spanned = float(np.ptp(x[inside])) * float(np.ptp(y[inside]))
    # Explore leaves 2 % of room on each side.
    assert spanned / ((view.x_max - view.x_min) * (view.y_max - view.y_min) * 1.04**2) >= 0.6


def stored(root: Path, *names: str) -> list[np.ndarray]:
    """Values of columns of the version, as frames are drawn from them."""
    grant = Grant("someone", "d", "v", "version/manifest.json", frozenset("*"), "", "view", 4e9)
    blocks = list(LocalStore(root).open(grant).blocks(list(names), None))
    return [np.concatenate([block.values[name] for block in blocks]).astype(float) for name in names]
