"""What of a frame is sent when: credits, the slot of one, reuse, and parts."""

from gateway_rig.client import viewport
from gateway_rig.pure import access, receipt
from gateway_rig.tables import check_table
from halftone.v1.frame_pb2 import FRAME_STATUS_EXACT, FRAME_STATUS_PARTIAL
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
