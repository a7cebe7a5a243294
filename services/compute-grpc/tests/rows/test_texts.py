"""The first rows in the order of a text are those of Python."""

import numpy as np
import pytest
from halftone_compute.rows import texts
from halftone_compute.rows.best import RowKeys
from halftone_compute.rows.order import TextOrder
from halftone_compute.rows.texts import BestTexts
from halftone_compute.store.base import ROW_NUMBER, Block, TextColumn
from halftone_servicekit.errors import ErrorCode, HalftoneError
from hypothesis import given, settings
from hypothesis import strategies as st

# Code points on both sides of where UTF-16 would stand otherwise; ends, zeros and long starts in common.
TEXTS = st.one_of(
    st.text("a\0é\uffff\U0001f600", max_size=4),
    st.builds("{}{}".format, st.sampled_from(("same1234", "same12345678", "same")), st.text("ab\0", max_size=3)),
)


def column(values: list[str | None]) -> TextColumn:
    data = [(value or "").encode() for value in values]
    offsets = np.concatenate(([0], np.cumsum([len(each) for each in data], dtype=np.int64))).astype("<i8")
    valid = np.array([value is not None for value in values], np.bool_)
    return TextColumn(offsets, np.frombuffer(b"".join(data), np.uint8), None if valid.all() else valid)


def first(values: list[str | None], most: int, part: int, *, descending: bool) -> tuple[int, list[int]]:
    """How many rows have a text, and the numbers of the first ones, of rows that lie in another order."""
    held = column(values)
    order, best = TextOrder(held, descending=descending), BestTexts(held, most, descending=descending)
    numbers = np.random.default_rng(len(values)).permutation(len(values))
    for start in range(0, len(values), part):
        some = numbers[start : start + part]
        keys, missing = order.keys(Block(start, {ROW_NUMBER: some}, {}))
        rows = RowKeys(keys, some, np.arange(start, start + len(some)))
        best.add(rows if missing is None else rows.where(~missing))
    return best.count, best.rows().numbers.tolist()


@settings(max_examples=150, deadline=None)
@given(
    values=st.lists(st.none() | TEXTS, max_size=40),
    most=st.sampled_from((0, 1, 3, 100)),
    part=st.sampled_from((1, 7, 50)),
    descending=st.booleans(),
    room=st.sampled_from((1, 20, texts._COMPARED_BYTES)),
)
def test_rows_stand_as_python_sorts_them(
    values: list[str | None], most: int, part: int, descending: bool, room: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "_COMPARED_BYTES", room)
        count, found = first(values, most, part, descending=descending)
    known = [(value, number) for number, value in enumerate(values) if value is not None]
    expected = sorted(known, key=lambda row: row[0], reverse=descending)
    if descending:
        # Python's reversed sort keeps equal ones in their order.
        assert sorted(known, key=lambda row: (row[0], -row[1]), reverse=True) == expected
    assert (count, found) == (len(known), [number for _, number in expected][:most])


def test_more_text_than_there_is_room_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_KEPT_BYTES", 100)
    monkeypatch.setattr(texts, "_COMPARED_BYTES", 100)
    values: list[str | None] = [f"{number:02} {'x' * 20}" for number in range(40)]
    assert first(values, 3, 40, descending=False) == (40, [0, 1, 2])
    with pytest.raises(HalftoneError) as caught:
        first(values, 20, 40, descending=False)
    assert caught.value.code is ErrorCode.RENDER_TOO_LARGE


def test_texts_outside_of_their_file_are_said() -> None:
    held = column(["ab", "c"])
    odd = TextColumn(held.offsets + 1, held.bytes, None)
    with pytest.raises(HalftoneError) as caught:
        texts.first_bytes(odd, np.array([1]))
    assert caught.value.code is ErrorCode.DATA_CORRUPT
