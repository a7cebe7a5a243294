"""Slices of files."""

from halftone_compute.serve.draw import CHUNK_BYTES, chunks
from hypothesis import given
from hypothesis import strategies as st


@given(st.sampled_from([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]))
def test_slices_join_to_the_file_and_are_small(size: int) -> None:
    file = bytes(index % 251 for index in range(251)) * (size // 251 + 1)
    found = list(chunks(file[:size]))
    assert b"".join(found) == file[:size]
    assert all(0 < len(chunk) <= CHUNK_BYTES for chunk in found)
