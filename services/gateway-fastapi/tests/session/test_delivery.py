"""What of a frame is sent when: credits, the slot of one, reuse, and parts."""

from gateway_rig.client import viewport
from gateway_rig.pure import access, receipt
from gateway_rig.tables import check_table
from halftone.v1.frame_pb2 import FRAME_STATUS_APPROXIMATE, FRAME_STATUS_EXACT, FRAME_STATUS_PARTIAL
from halftone_gateway.pieces.frame_request import SerialisedPiece
from halftone_gateway.pieces.planning import resolve_view
from halftone_gateway.session.delivery import TRANSITIONS, Delivery, DeliveryEvent, DeliveryState
from halftone_gateway.session.held import HeldPieces
from halftone_views import Resolved, validate_options


def tiles(x0: float = 0) -> Resolved:
    """Four tiles."""
    return resolve_view(validate_options("points", {}), access(), viewport(x0, x0 + 1024, 0, 1024))


def pieces(resolved: Resolved) -> list[SerialisedPiece]:
    return [(piece_id, piece_id) for piece_id in resolved.piece_ids]


def state(made: Delivery) -> DeliveryState:
    """As it is now: mypy takes a property for unchanged."""
    return made.state


def delivery(credit: int = 1, held: HeldPieces | None = None) -> Delivery:
    return Delivery(1, credit, held or HeldPieces(64))


def test_the_documented_table_is_the_one_that_runs() -> None:
    check_table(DeliveryState, DeliveryEvent, TRANSITIONS)


def test_a_frame_goes_from_its_request_to_the_client() -> None:
    made = delivery()
    assert made.begin(1, 1, tiles()) == (0, 1, 2, 3)
    assert state(made) is DeliveryState.ASSEMBLING
    partial = made.add(1, pieces(tiles())[:1], room=True)
    assert partial is not None
    assert (partial.header.status, len(partial.pieces)) == (FRAME_STATUS_PARTIAL, 1)
    assert made.complete(1, pieces(tiles())[1:], receipt())
    assert state(made) is DeliveryState.PARKED
    assert made.ship(room=False) is None
    [exact] = made.ship(room=True) or []
    assert (exact.header.status, len(exact.pieces), exact.header.HasField("receipt")) == (FRAME_STATUS_EXACT, 3, True)
    assert state(made) is DeliveryState.EMPTY
    assert made.ship(room=True) is None


def test_answers_to_an_older_request_do_not_count() -> None:
    made = delivery()
    made.begin(1, 1, tiles())
    made.begin(2, 2, tiles())
    assert made.add(1, pieces(tiles()), room=True) is None
    assert not made.complete(1, pieces(tiles()), receipt())
    assert made.fail(1) is None
    assert made.fail(2) == 2
    assert made.abandon() is None


def test_only_the_frame_of_a_seq_is_given_up() -> None:
    made = delivery()
    made.begin(1, 1, tiles())
    made.complete(1, pieces(tiles()), receipt())
    made.begin(2, 2, tiles())
    assert state(made) is DeliveryState.PARKED_ASSEMBLING
    assert made.abandon(1) is None
    made.discard(2)
    assert made.abandon(2) == 2
    assert state(made) is DeliveryState.PARKED
    made.discard(1)
    assert state(made) is DeliveryState.EMPTY


def test_a_frame_that_lacks_a_dropped_piece_is_given_up() -> None:
    held = HeldPieces(64)
    held.hold(tiles().piece_ids)
    made = delivery(held=held)
    assert made.begin(1, 1, tiles()) == ()
    held.drop(tiles().piece_ids[:1])
    assert made.add(1, [], room=True) is None
    made.complete(1, [], receipt())
    assert made.ship(room=True) == []
    assert state(made) is DeliveryState.EMPTY


def test_a_frame_says_what_it_shows() -> None:
    made = delivery()
    made.begin(1, 1, tiles())
    made.complete(1, pieces(tiles()), receipt())
    [exact] = made.ship(room=True) or []
    header = exact.header
    assert (header.quantity.label, header.x.column, header.y.column) == ("Rows", "distance", "delay")
    flat = resolve_view(validate_options("histogram", {"x": "delay"}), access(), viewport(0, 1024, 0, 1))
    made.shown(1)
    made.begin(2, 2, flat)
    made.complete(2, [], receipt())
    [exact] = made.ship(room=True) or []
    assert (exact.header.x.column, exact.header.HasField("y")) == ("delay", False)


def estimates(resolved: Resolved) -> list[SerialisedPiece]:
    return [(b"sample " + piece_id, piece_id) for piece_id in resolved.piece_ids]


def test_approximate_frames_come_before_the_exact_one_and_are_not_held() -> None:
    held = HeldPieces(64)
    held.hold(tiles().piece_ids[:1])
    made = delivery(held=held)
    made.begin(1, 1, tiles())
    [first] = made.sample(1, estimates(tiles())[1:], 0.01, room=True)
    assert first.header.status == FRAME_STATUS_APPROXIMATE
    assert (first.header.receipt.fraction, first.header.receipt.pieces_total, first.header.progress) == (0.01, 4, 0)
    assert list(first.header.reuse) == list(tiles().piece_ids[:1])
    [progress] = made.progress(1, 0.5, room=True)
    assert (progress.header.status, progress.header.progress, len(progress.pieces)) == (
        FRAME_STATUS_APPROXIMATE,
        0.5,
        0,
    )
    assert progress.header.receipt.fraction == 0.01
    assert not any(piece_id in held for piece_id, _ in estimates(tiles()))
    made.complete(1, pieces(tiles())[1:], receipt())
    [exact] = made.ship(room=True) or []
    assert (exact.header.status, len(exact.pieces)) == (FRAME_STATUS_EXACT, 3)
    assert list(exact.header.reuse) == list(tiles().piece_ids[:1])
    assert exact.header.progress == 0


def test_approximate_frames_take_no_credit_and_wait_for_none() -> None:
    made = delivery(credit=1)
    made.begin(1, 1, tiles())
    assert made.sample(1, estimates(tiles()), 0.01, room=False) == []
    assert made.progress(1, 0.5, room=False) == []
    assert len(made.sample(1, estimates(tiles()), 0.01, room=True)) == 1
    made.complete(1, pieces(tiles()), receipt())
    assert made.ship(room=True)
    made.begin(2, 2, tiles(2048))
    assert made.sample(2, estimates(tiles(2048)), 0.01, room=True) == []
    made.shown(1)
    assert len(made.sample(2, estimates(tiles(2048)), 0.01, room=True)) == 1


def test_a_sample_for_an_older_request_does_not_count() -> None:
    made = delivery()
    made.begin(1, 1, tiles())
    made.begin(2, 2, tiles())
    assert made.sample(1, estimates(tiles()), 0.01, room=True) == []
    assert made.progress(1, 0.5, room=True) == []
