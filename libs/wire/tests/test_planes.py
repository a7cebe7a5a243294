"""Planes to bytes and back."""

from typing import Any

import numpy as np
import pytest
from halftone.v1 import frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_wire.planes import DTYPES, Plane, decode, encode
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 9))
DTYPE = st.sampled_from(sorted(DTYPES, key=str))


def there_and_back(cells: np.ndarray) -> tuple[frame_pb2.Plane, np.ndarray]:
    message = frame_pb2.Plane.FromString(encode(Plane(frame_pb2.PLANE_ROLE_COUNT, cells)).SerializeToString())
    return message, decode(message, cells.shape[1], cells.shape[0])


@given(st.data())
def test_every_cell_comes_back_equal(data: st.DataObject) -> None:
    cells = data.draw(arrays.arrays(data.draw(DTYPE), data.draw(SHAPES), fill=st.just(0)))
    _, back = there_and_back(cells)
    assert back.shape == cells.shape
    np.testing.assert_array_equal(back.astype(cells.dtype), cells)


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        ([0, 255], frame_pb2.DTYPE_U8),
        ([0, 256], frame_pb2.DTYPE_U16),
        ([0, 2**16], frame_pb2.DTYPE_U32),
        ([0, 2**32], frame_pb2.DTYPE_U64),
        ([-1, 127], frame_pb2.DTYPE_I8),
        ([-1, 128], frame_pb2.DTYPE_I16),
        ([-(2**15) - 1, 0], frame_pb2.DTYPE_I32),
        ([-(2**31) - 1, 0], frame_pb2.DTYPE_I64),
        ([0.0, 3.0], frame_pb2.DTYPE_U8),
        ([0.5, 3.0], frame_pb2.DTYPE_F32),
        ([0.1, 3.0], frame_pb2.DTYPE_F64),
        ([np.nan, np.inf], frame_pb2.DTYPE_F32),
        ([1e300, 1.0], frame_pb2.DTYPE_F64),
    ],
)
def test_the_smallest_exact_dtype_is_chosen(cells: list[float], dtype: frame_pb2.Dtype.ValueType) -> None:
    message, _ = there_and_back(np.array([cells]))
    assert message.dtype == dtype


@pytest.mark.parametrize("odd", [0.5, 0.1, np.nan, -0.5, 2.0**40, -(2.0**33), np.inf])
@pytest.mark.parametrize("place", [0, 1, 61, 65_535])
@pytest.mark.parametrize("fill", [0.0, 1.0, 2.5])
@pytest.mark.parametrize("dtype", ["<f4", "<f8"])
def test_one_odd_cell_of_a_tile_is_kept(odd: float, place: int, fill: float, dtype: str) -> None:
    cells = np.full((256, 256), fill, dtype)
    cells.reshape(-1)[place] = odd
    message, back = there_and_back(cells)
    np.testing.assert_array_equal(back.astype(dtype), cells)
    assert message.dtype == (frame_pb2.DTYPE_F64 if (odd, dtype) == (0.1, "<f8") else frame_pb2.DTYPE_F32)


def test_a_cut_of_a_larger_grid_is_encoded_as_itself() -> None:
    grid = np.arange(600 * 700, dtype=np.uint32).reshape(600, 700)
    for cells in (grid[256:512, 256:512], grid[::-1, ::-1][:256, :256], grid.T):
        np.testing.assert_array_equal(there_and_back(cells)[1], cells)


@pytest.mark.parametrize("dtype", sorted(DTYPES, key=str))
def test_the_ends_of_each_dtype_come_back(dtype: np.dtype[Any]) -> None:
    ends = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
    cells = np.array([[ends.min, 0, ends.max]], dtype)
    message, back = there_and_back(cells)
    assert message.dtype == DTYPES[dtype]
    np.testing.assert_array_equal(back, cells)


def test_codec_follows_what_is_smallest() -> None:
    cells = np.zeros((4, 16), np.uint32)
    assert there_and_back(cells)[0].codec == frame_pb2.CODEC_EMPTY
    cells[3, 15] = 7
    message, _ = there_and_back(cells)
    assert message.codec == frame_pb2.CODEC_SPARSE
    assert message.data == (63).to_bytes(4, "little") + b"\x07"
    cells[:] = 9
    message, _ = there_and_back(cells)
    assert (message.codec, message.data) == (frame_pb2.CODEC_RAW, b"\x09" * 64)


@pytest.mark.parametrize(
    "plane",
    [
        frame_pb2.Plane(dtype=frame_pb2.DTYPE_U8, codec=frame_pb2.CODEC_RAW, data=b"123"),
        frame_pb2.Plane(dtype=frame_pb2.DTYPE_U8, codec=frame_pb2.CODEC_EMPTY, data=b"1"),
        frame_pb2.Plane(codec=frame_pb2.CODEC_EMPTY),
        frame_pb2.Plane(dtype=frame_pb2.DTYPE_U8, data=b"1234"),
        frame_pb2.Plane(dtype=frame_pb2.DTYPE_U8, codec=frame_pb2.CODEC_SPARSE, data=b"123"),
        frame_pb2.Plane(dtype=frame_pb2.DTYPE_U8, codec=frame_pb2.CODEC_SPARSE, data=b"\x04\0\0\0\1"),
        frame_pb2.Plane(dtype=frame_pb2.DTYPE_U8, codec=frame_pb2.CODEC_SPARSE, data=b"\x01\0\0\0\1\0\0\0\1\1"),
    ],
    ids=["short", "not empty", "no dtype", "no codec", "odd size", "outside", "not ascending"],
)
def test_a_plane_that_does_not_fit_is_corrupt(plane: frame_pb2.Plane) -> None:
    with pytest.raises(HalftoneError) as caught:
        decode(plane, 2, 2)
    assert caught.value.code is ErrorCode.DATA_CORRUPT


@given(st.data())
def test_every_cell_of_a_packed_plane_comes_back_equal(data: st.DataObject) -> None:
    cells = data.draw(arrays.arrays(data.draw(DTYPE), data.draw(SHAPES), fill=st.just(0)))
    message = encode(Plane(frame_pb2.PLANE_ROLE_COUNT, cells), pack=True)
    back = decode(message, cells.shape[1], cells.shape[0])
    np.testing.assert_array_equal(back.astype(cells.dtype), cells)


def test_the_codec_with_the_fewest_bytes_is_taken() -> None:
    rng = np.random.default_rng(1)
    role = frame_pb2.PLANE_ROLE_COUNT
    lone = np.zeros((256, 256), np.uint8)
    lone[3, 4] = 1
    expected: dict[int, np.ndarray] = {
        frame_pb2.CODEC_EMPTY: np.zeros((256, 256), np.uint8),
        frame_pb2.CODEC_SPARSE: lone,
        frame_pb2.CODEC_PACKED: rng.poisson(0.01, (256, 256)),
        frame_pb2.CODEC_RAW: rng.integers(0, 256, (256, 256)),
    }
    for codec, cells in expected.items():
        message = encode(Plane(role, cells), pack=True)
        assert message.codec == codec
        assert len(message.data) <= len(encode(Plane(role, cells)).data)
        np.testing.assert_array_equal(decode(message, 256, 256), cells)


def test_nothing_is_packed_unless_asked() -> None:
    cells = np.random.default_rng(1).poisson(0.5, (256, 256))
    assert encode(Plane(frame_pb2.PLANE_ROLE_COUNT, cells)).codec == frame_pb2.CODEC_RAW


@pytest.mark.parametrize("data", [b"", b"\x02", b"\x01abc", b"\x00\x00", b"\x03", b"\x02\xff\xff" + b"\x11" * 9])
def test_damaged_packed_planes_are_corrupt(data: bytes) -> None:
    message = frame_pb2.Plane(dtype=frame_pb2.DTYPE_U8, codec=frame_pb2.CODEC_PACKED, data=data)
    with pytest.raises(HalftoneError) as raised:
        decode(message, 256, 256)
    assert raised.value.code == ErrorCode.DATA_CORRUPT
