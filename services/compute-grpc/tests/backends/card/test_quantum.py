"""Lattice integers: a shift finds the exact cell on every level that they serve, and they always fit."""

from halftone_compute.backends.card.quantum import Cut, Quantum, cut_of, meets, quantum_of
from halftone_views.lattice import cell_of
from hypothesis import assume, given
from hypothesis import strategies as st

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SPANS = st.tuples(NUMBERS, NUMBERS).map(sorted)


def integer_of(quantum: Quantum, value: float) -> int:
    return cell_of(value, quantum.exponent) - quantum.base


@given(SPANS)
def test_every_number_of_the_span_gets_a_positive_int32(span: list[float]) -> None:
    quantum = quantum_of(*span)
    assert integer_of(quantum, span[0]) == 0
    assert 0 <= integer_of(quantum, span[1]) < 2**31 - 1
    assert abs(quantum.base) < 2**63
    assert 0.0 < 2.0**-quantum.exponent < 2.0**1001


@given(SPANS, st.floats(0, 1), st.integers(0, 32), st.integers(-(2**20), 2**20))
def test_a_shift_finds_the_exact_cell(span: list[float], share: float, shift: int, away: int) -> None:
    least, greatest = span
    value = min(max(least + share * (greatest / 2 - least / 2) * 2, least), greatest)
    quantum = quantum_of(least, greatest)
    exponent = quantum.exponent + shift
    first = cell_of(value, exponent) + away
    cut = cut_of(quantum, exponent, first)
    assert cut is not None
    assert (integer_of(quantum, value) - cut.low) >> cut.shift == -away


@given(SPANS, st.integers(-60, 60))
def test_levels_that_a_shift_cannot_reach_are_told(span: list[float], shift: int) -> None:
    quantum = quantum_of(*span)
    cut = cut_of(quantum, quantum.exponent + shift, 0)
    assert (cut is None) == (shift < 0 or shift > 32)


@given(SPANS, st.integers(-1000, 1000), st.integers(-100, 100), st.integers(1, 50))
def test_a_region_is_met_when_a_number_can_lie_in_it(span: list[float], exponent: int, away: int, cells: int) -> None:
    quantum = quantum_of(*span)
    low, high = cell_of(span[0], exponent), cell_of(span[1], exponent)
    first = low + away
    assert meets(quantum, exponent, first, cells) == (max(first, low) <= min(first + cells - 1, high))


@given(NUMBERS)
def test_one_number_alone_is_told_apart_to_its_last_bits(value: float) -> None:
    assume(abs(value) > 1e-280)
    quantum = quantum_of(value, value)
    assert 2.0**quantum.exponent <= abs(value) * 2.0**-60


def test_times_of_two_years_are_told_apart_below_a_second() -> None:
    quantum = quantum_of(978_307_200_000_000.0, 1_041_379_200_000_000.0)
    assert quantum.exponent == 16
    assert cut_of(quantum, 20, 0) == Cut(-quantum.base, 4)
