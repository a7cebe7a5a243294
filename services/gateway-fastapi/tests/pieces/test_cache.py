"""The piece cache: bounded, least recently used first, never across scopes."""

from dataclasses import replace

from halftone_gateway.metrics import CACHE_BYTES
from halftone_gateway.pieces.cache import PieceCache, Scope
from hypothesis import given
from hypothesis import strategies as st

ALL = Scope("v", "everything")
SOME = Scope("v", "some rows")


def test_the_least_recently_used_goes_first() -> None:
    cache = PieceCache(30)
    for name in (b"a", b"b", b"c"):
        cache.put(name, ALL, bytes(10))
    assert cache.get(b"a", ALL)
    cache.put(b"d", ALL, bytes(10))
    assert cache.get(b"b", ALL) is None
    assert cache.get(b"a", ALL)


def test_a_piece_of_another_scope_is_dropped_not_given() -> None:
    cache = PieceCache(30)
    cache.put(b"a", ALL, b"secret")
    assert cache.get(b"a", SOME) is None
    assert cache.get(b"a", ALL) is None
    assert len(cache) == 0


def test_a_piece_larger_than_the_cache_is_left_out() -> None:
    cache = PieceCache(5)
    cache.put(b"a", ALL, b"1234")
    cache.put(b"b", ALL, bytes(6))
    assert cache.get(b"a", ALL) == b"1234"
    cache.put(b"a", ALL, bytes(6))
    assert cache.get(b"a", ALL) is None


@given(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c", b"d"]), st.integers(0, 40))))
def test_the_bytes_are_bounded_and_counted(puts: list[tuple[bytes, int]]) -> None:
    cache = PieceCache(64)
    for name, size in puts:
        cache.put(name, ALL, bytes(size))
        kept = [cache.get(piece, ALL) for piece in (b"a", b"b", b"c", b"d")]
        total = sum(len(piece) for piece in kept if piece is not None)
        assert total <= 64
        assert CACHE_BYTES._value.get() == total


def test_a_text_is_made_once_and_counted_while_it_is_kept() -> None:
    cache, made = PieceCache(30), []
    cache.put(b"a", ALL, b"piece")
    assert CACHE_BYTES._value.get() == 5

    def printed(piece: bytes) -> str:
        made.append(piece)
        return piece.decode() * 2

    assert [cache.text(b"a", b"piece", printed) for _ in range(2)] == ["piecepiece"] * 2
    assert made == [b"piece"]
    assert CACHE_BYTES._value.get() == 15
    cache.put(b"b", ALL, bytes(16))
    assert cache.get(b"a", ALL) is None
    assert CACHE_BYTES._value.get() == 16


def test_the_text_of_another_piece_is_never_given() -> None:
    cache = PieceCache(30)
    cache.put(b"a", ALL, b"old")
    assert cache.text(b"a", b"old", bytes.decode) == "old"
    assert cache.text(b"a", b"new", bytes.decode) == "new"
    cache.put(b"a", ALL, b"new")
    assert cache.text(b"a", b"new", bytes.decode) == "new"
    assert cache.text(b"gone", b"gone", bytes.decode) == "gone"
    assert len(cache) == 1


def test_a_text_that_does_not_fit_leaves_the_piece() -> None:
    cache = PieceCache(8)
    cache.put(b"a", ALL, b"12345")
    assert cache.text(b"a", b"12345", bytes.decode) == "12345"
    assert cache.get(b"a", ALL) == b"12345"
    assert CACHE_BYTES._value.get() == 5


def test_both_forms_of_a_piece_are_kept_and_each_is_given_to_who_reads_it() -> None:
    cache, packed = PieceCache(100), replace(ALL, packed=True)
    cache.put(b"a", ALL, b"as it is")
    assert cache.get(b"a", packed) is None
    cache.put(b"a", packed, b"less")
    assert (cache.get(b"a", ALL), cache.get(b"a", packed)) == (b"as it is", b"less")
    texts = [cache.text(b"a", piece, lambda each: each.decode()) for piece in (b"as it is", b"less")]
    assert texts == ["as it is", "less"]
    assert [cache.text(b"a", piece, lambda each: "printed again") for piece in (b"as it is", b"less")] == texts
