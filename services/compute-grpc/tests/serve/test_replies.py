"""Replies put together from bytes are the messages that protobuf writes."""

import pytest
from halftone.v1 import compute_pb2
from halftone_compute.serve.replies import piece_replies, sampled_replies


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([1], [1]),
        ([127, 128], [2]),
        ([500_000] * 4, [2, 2]),
        ([1 << 20, 1], [1, 1]),
        ([3 << 20, 5, 5], [1, 2]),
    ],
)
def test_messages_stay_below_1_mib_unless_one_piece_is_larger(sizes: list[int], expected: list[int]) -> None:
    pieces = [compute_pb2.EncodedPiece(piece_id=bytes([size % 251]) * 16, piece=bytes(size)) for size in sizes]
    replies = list(piece_replies(2**40, pieces))
    messages = [compute_pb2.RenderReply.FromString(reply) for reply in replies]
    assert [len(message.pieces.pieces) for message in messages] == expected
    assert [piece for message in messages for piece in message.pieces.pieces] == pieces
    assert {message.request_id for message in messages} <= {2**40}
    assert [message.SerializeToString() for message in messages] == replies


@pytest.mark.parametrize(("sizes", "expected"), [([], []), ([5, 5], [2]), ([3 << 20, 5, 5], [1, 2])])
def test_pieces_of_a_sample_are_cut_likewise(sizes: list[int], expected: list[int]) -> None:
    sampled = compute_pb2.SampledPieces(fraction=0.5)
    for size in sizes:
        sampled.pieces.add(stands_for=bytes(16), piece_id=bytes(16), piece=bytes(size))
    messages = [compute_pb2.RenderReply.FromString(reply) for reply in sampled_replies(7, sampled)]
    assert [len(message.sampled.pieces) for message in messages] == expected
    assert [piece for message in messages for piece in message.sampled.pieces] == list(sampled.pieces)
    assert {(message.request_id, message.sampled.fraction) for message in messages} <= {(7, 0.5)}
