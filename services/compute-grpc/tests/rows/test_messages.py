"""Pages as messages: every cell exact, texts of bounded length."""

import numpy as np
import pytest
from halftone.v1 import rows_pb2
from halftone_compute.rows import messages
from halftone_compute.rows.messages import TEXT_BYTES, cell_of, messages_of
from halftone_compute.rows.pages import Page
from halftone_compute.store.base import Cells


def test_cells_hold_what_no_float64_does() -> None:
    assert cell_of(2**63 - 1) == rows_pb2.Cell(integer=2**63 - 1)
    assert cell_of(2**64 - 1) == rows_pb2.Cell(natural=2**64 - 1)
    assert cell_of(float("inf")) == rows_pb2.Cell(number=float("inf"))


def test_a_long_text_is_cut_between_characters() -> None:
    assert cell_of("é" * (TEXT_BYTES // 2)) == rows_pb2.Cell(text="é" * (TEXT_BYTES // 2))
    assert cell_of("x" + "é" * TEXT_BYTES) == rows_pb2.Cell(text="x" + "é" * (TEXT_BYTES // 2 - 1), cut=True)


def test_rows_share_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = Cells(np.array(["a" * 60, "b" * 60, ""], object), np.array([True, True, False]))
    page = Page(3, np.array([7, 8, 9]), {"s": cells}, 3, 0.0)
    (whole,) = messages_of(page)
    assert [row.number for row in whole.rows] == [7, 8, 9]
    assert whole.rows[2].cells == [rows_pb2.Cell()]
    monkeypatch.setattr(messages, "MESSAGE_BYTES", 100)
    assert [[row.number for row in part.rows] for part in messages_of(page)] == [[7], [8, 9]]
    assert list(messages_of(Page(0, np.empty(0, int), {}, 0, 0.0))) == []
