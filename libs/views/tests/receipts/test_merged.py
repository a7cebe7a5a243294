"""Receipts of work that was done side by side."""

import pytest
from halftone.v1.frame_pb2 import Receipt, Stage, Unplaced
from halftone_views.receipts import merge


def receipt(**fields: object) -> Receipt:
    made = Receipt(version_id="v", policy_hash="p", backend="gpu", engine_revision=1, trace_id="t", fraction=1.0)
    made.MergeFrom(Receipt(**fields))  # type: ignore[arg-type]  # fields of any type
    return made


def test_one_receipt_stays_as_it_is() -> None:
    one = receipt(rows_scanned=7, pieces_total=2, stages=[Stage(name="scan", ms=3.0)], degraded="card_lost")
    assert merge([one]) == one


def test_rows_and_pieces_add_up_and_a_stage_took_as_long_as_in_the_slowest() -> None:
    first = receipt(rows_scanned=7, pieces_total=2, pieces_cached=1, stages=[Stage(name="scan", ms=3.0)])
    second = receipt(
        rows_scanned=5,
        pieces_total=3,
        pieces_cached=2,
        stages=[Stage(name="scan", ms=2.0), Stage(name="encode", ms=1.0)],
        trace_id="another",
    )
    assert merge([first, second]) == receipt(
        rows_scanned=12,
        pieces_total=5,
        pieces_cached=3,
        stages=[Stage(name="scan", ms=3.0), Stage(name="encode", ms=1.0)],
    )


def test_the_degraded_one_names_backend_and_reason() -> None:
    merged = merge([receipt(), receipt(backend="cpu", degraded="out_of_memory"), receipt(backend="x", degraded="y")])
    assert (merged.backend, merged.degraded) == ("cpu", "out_of_memory")


@pytest.mark.parametrize("fractions", [(0.25, 1.0), (1.0, 0.25)])
def test_the_fraction_is_the_least(fractions: tuple[float, float]) -> None:
    assert merge([receipt(fraction=fraction) for fraction in fractions]).fraction == 0.25


def test_rows_without_a_place_are_taken_once() -> None:
    some = receipt(unplaced=Unplaced(missing=7))
    assert merge([receipt(), some, some]).unplaced == Unplaced(missing=7)
    assert not merge([receipt(), receipt()]).HasField("unplaced")
