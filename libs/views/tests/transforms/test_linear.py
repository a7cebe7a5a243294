"""Linear axes: a value lies at itself, as far as the lattice reaches."""

from halftone_views.lattice import MAX_COORDINATE, cell_of
from halftone_views.transforms.linear import LINEAR


def test_a_value_lies_at_itself() -> None:
    assert [LINEAR.forward(value) for value in (-2.5, 0.0, 1e300)] == [-2.5, 0.0, 1e300]
    assert LINEAR.inverse(-2.5) == -2.5


def test_the_lattice_ends_before_the_greatest_coordinate() -> None:
    assert LINEAR.has_place(-MAX_COORDINATE)
    assert not LINEAR.has_place(MAX_COORDINATE)
    assert cell_of(LINEAR.high, 1000) == 0
