"""The memory of pieces that a client holds."""

import pytest
from halftone_gateway.session.held import HeldPieces, checked_ids
from halftone_servicekit.errors import HalftoneError


def test_the_pieces_used_longest_ago_leave_first() -> None:
    held = HeldPieces(2)
    held.hold([b"a", b"b"])
    held.hold([b"a", b"c"])
    assert [piece_id in held for piece_id in (b"a", b"b", b"c")] == [True, False, True]


def test_a_dropped_piece_is_not_held() -> None:
    held = HeldPieces(2)
    held.hold([b"a"])
    held.drop([b"a", b"b"])
    assert b"a" not in held


def test_ids_of_another_size_are_refused_with_their_field() -> None:
    assert checked_ids([b"x" * 16], "held") == [b"x" * 16]
    with pytest.raises(HalftoneError) as refused:
        checked_ids([b"x" * 16, b"x"], "held")
    assert (refused.value.code, refused.value.field) == ("param_invalid", "held")
