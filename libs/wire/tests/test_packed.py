"""Packed cells, and back."""

import base64
import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from halftone_wire.packed import packed, unpacked, warm_up
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

DTYPES = tuple(np.dtype(name) for name in ("<u1", "<u2", "<u4", "<u8", "<i1", "<i2", "<i4", "<i8", "<f4", "<f8"))
TILE = 65_536


def counts(mean: float, dtype: str = "<u1", cells: int = TILE) -> np.ndarray:
    """Rows in each cell of a table without structure."""
    return np.random.default_rng(1).poisson(mean, cells).astype(dtype)


def entropy(cells: np.ndarray) -> float:
    """Bytes that the best code of single cells would take."""
    _, found = np.unique(cells, return_counts=True)
    return float(-np.sum(found * np.log2(found / cells.size)) / 8)


@given(st.data())
def test_every_cell_comes_back_equal(data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(DTYPES))
    few = st.integers(0, 300 if dtype.itemsize > 1 else 100)
    elements = None if data.draw(st.booleans()) else few
    cells = data.draw(arrays.arrays(dtype, st.integers(1, 200), elements=elements, fill=st.just(0)))
    assert unpacked(packed(cells), dtype, cells.size).tobytes() == cells.tobytes()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("mean", [0.0001, 0.01, 0.2, 0.5, 3, 90])
def test_tiles_come_back_equal(dtype: np.dtype[Any], mean: float) -> None:
    cells = counts(mean, dtype.str)
    if dtype.kind == "f":
        cells *= np.random.default_rng(2).normal(size=cells.size).astype(dtype)
    assert unpacked(packed(cells), dtype, cells.size).tobytes() == cells.tobytes()


@pytest.mark.parametrize("size", [1, 7, 8, 9, 4095, 4096, 1_100_000])
@pytest.mark.parametrize("value", [0, 1, 255, 256, 2**16, 2**22 + 1, 2**32 - 1])
def test_one_number_among_zeros_comes_back(size: int, value: int) -> None:
    for place in {0, size // 2, size - 1}:
        cells = np.zeros(size, np.uint32)
        cells[place] = value
        assert unpacked(packed(cells), cells.dtype, size).tobytes() == cells.tobytes()


@pytest.mark.parametrize("mean", [0.001, 0.01, 0.05, 0.2, 0.5, 2, 20, 90])
def test_counts_take_little_more_than_their_entropy(mean: float) -> None:
    cells = counts(mean)
    assert len(packed(cells)) < 1.4 * entropy(cells) + 40


def test_zeros_take_a_byte_and_noise_takes_itself() -> None:
    assert packed(np.zeros(TILE, np.uint8)) == b"\x00"
    noise = np.frombuffer(np.random.default_rng(3).bytes(8 * TILE), "<u8")
    assert len(packed(noise)) == noise.nbytes + 8


@pytest.mark.parametrize("share", [0.05, 0.5, 1])
def test_large_numbers_beside_one_another_come_back(share: float) -> None:
    # With many bits behind each code: a word of 64 bits does not always hold two of them.
    rng = np.random.default_rng(5)
    cells = (2.0 ** rng.uniform(0, 32, TILE)).astype(np.uint32)
    cells[rng.random(TILE) > share] = 0
    assert unpacked(packed(cells), cells.dtype, cells.size).tobytes() == cells.tobytes()


def test_frequent_numbers_of_very_unequal_counts_still_have_codes() -> None:
    # The counts of a Fibonacci sequence make the deepest tree: 20 bits for the rarest, cut to 12.
    sequence = [1, 1]
    while len(sequence) < 20:
        sequence.append(sequence[-1] + sequence[-2])
    cells = np.repeat(np.arange(1, 21, dtype=np.uint8), sequence)
    assert unpacked(packed(cells), cells.dtype, cells.size).tobytes() == cells.tobytes()


@pytest.mark.parametrize("cells", [counts(0.01), counts(3), counts(2000, "<u2"), counts(0.5, "<f8")], ids=str)
def test_damaged_data_is_refused_or_gives_as_many_cells(cells: np.ndarray) -> None:
    data = packed(cells)
    for short in (b"", data[:1], data[: len(data) // 2], data[:-1], data + b"\x00"):
        with pytest.raises(ValueError, match="packed cells"):
            unpacked(short, cells.dtype, cells.size)
    rng = np.random.default_rng(4)
    refused = 0
    for _ in range(300):
        broken = bytearray(data)
        broken[min(int(rng.exponential(40)), len(data) - 1)] ^= 1 << int(rng.integers(8))
        try:
            assert unpacked(bytes(broken), cells.dtype, cells.size).shape == cells.shape
        except ValueError:
            refused += 1
    assert refused > 0


@given(st.binary(max_size=200), st.sampled_from(DTYPES), st.integers(1, 5000))
def test_any_bytes_give_cells_or_an_error(data: bytes, dtype: np.dtype[Any], cells: int) -> None:
    with contextlib.suppress(ValueError):
        assert unpacked(b"\x02" + data, dtype, cells).shape == (cells,)


def test_a_number_too_large_for_its_type_is_refused() -> None:
    data = packed(np.full(50, 300, np.uint16))
    with pytest.raises(ValueError, match="damaged"):
        unpacked(data, np.dtype("<u1"), 50)


def test_warming_up_leaves_nothing_to_compile() -> None:
    from halftone_wire import packed as module

    warm_up()
    signatures = [len(each.signatures) for each in (module._coded, module._decoded, module._is_noise)]
    packed(counts(0.5))
    unpacked(packed(counts(3, "<f8")), np.dtype("<f8"), TILE)
    after = [len(each.signatures) for each in (module._coded, module._decoded, module._is_noise)]
    assert signatures == after


ROOT = Path(__file__).parents[3]
SAMPLES = json.loads((ROOT / "frontend/src/net/cells/packed-samples.json").read_text())


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample["name"] for sample in SAMPLES])
def test_the_samples_that_the_browser_reads_are_those_that_are_made_here(sample: dict[str, Any]) -> None:
    cells = np.frombuffer(base64.b64decode(sample["cells"]), f"<{sample['dtype']}")
    data = base64.b64decode(sample["data"])
    assert packed(cells) == data
    np.testing.assert_array_equal(unpacked(data, cells.dtype, cells.size), cells)
