"""Points of every encoding, beside cells that hold something else."""

from __future__ import annotations

import struct

import numpy as np
import pyarrow as pa
import pytest
from halftone_compute.ingest.typed.points import Points, points_of_pairs, points_of_wkb, points_of_wkt, wkb_name
from hypothesis import given
from hypothesis import strategies as st

NUMBER = st.floats(allow_nan=False)
LINE = struct.pack("<BIIdddd", 1, 2, 2, 0, 0, 1, 1)


def _wkb(x: float, y: float, order: str, z: bool, srid: bool, ogc: bool) -> bytes:
    mark = 1 if order == "<" else 0
    kind = 1 + (1_000 if z and ogc else 0) + (0x80000000 if z and not ogc else 0) + (0x20000000 if srid else 0)
    head = struct.pack(f"{order}BI", mark, kind) + (struct.pack(f"{order}I", 4326) if srid else b"")
    return head + struct.pack(f"{order}dd", x, y) + (struct.pack(f"{order}d", 7.0) if z else b"")


def _rows(points: Points) -> list[tuple[float, float]]:
    return list(zip(points.x.tolist(), points.y.tolist(), strict=True))


@given(st.lists(st.tuples(NUMBER, NUMBER, st.sampled_from("<>"), st.booleans(), st.booleans(), st.booleans())))
def test_wkb_of_every_kind(points: list[tuple[float, float, str, bool, bool, bool]]) -> None:
    found = points_of_wkb(pa.array([None, *(_wkb(*point) for point in points)], pa.binary()).slice(1))
    assert _rows(found) == [(x, y) for x, y, *_ in points]
    assert not found.unfit.any()


def test_wkb_beside_other_shapes() -> None:
    empty = struct.pack("<BIdd", 1, 1, np.nan, np.nan)
    cut = _wkb(1, 2, "<", z=False, srid=True, ogc=False)[:22]
    found = points_of_wkb(pa.array([LINE, None, b"", b"\x07" * 21, cut, empty], pa.large_binary()))
    assert np.isnan(found.x).all()
    assert found.unfit.tolist() == [True, False, True, True, True, False]
    assert points_of_wkb(pa.array([], pa.binary())).x.shape == (0,)
    assert np.isnan(points_of_wkb(pa.array([None, None], pa.binary())).y).all()


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        (LINE, "LINESTRING"),
        (b"", "0 bytes"),
        (b"\x00\x00\x00\x03\xeb", "POLYGON"),
        (b"\x01\x63\x00\x00\x00", "a shape of kind 99"),
    ],
)
def test_other_shapes_have_names(cell: bytes, name: str) -> None:
    assert wkb_name(cell) == name


def test_wkt() -> None:
    cells = ["POINT (1 2)", "point z(1.5e3 -2 3)", None, "POLYGON((1 2))", "POINT EMPTY", "SRID=4326;POINT(.5 1.)", "x"]
    found = points_of_wkt(pa.array(cells))
    np.testing.assert_array_equal(found.x, [1, 1500, np.nan, np.nan, np.nan, 0.5, np.nan])
    np.testing.assert_array_equal(found.y, [2, -2, np.nan, np.nan, np.nan, 1, np.nan])
    assert found.unfit.tolist() == [False, False, False, True, False, False, True]


def test_pairs() -> None:
    found = points_of_pairs(pa.array([[1, 2], None, [3, 4]], pa.list_(pa.float32(), 2)))
    np.testing.assert_array_equal(found.y, [2, np.nan, 4])
    assert not found.unfit.any()
