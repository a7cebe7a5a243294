"""Where an axis of a free viewport begins and ends."""

from halftone_compute.backends.datashader_axis import scale_and_translate


def test_an_axis_puts_its_ends_at_its_first_and_behind_its_last_cell() -> None:
    scale, translate = scale_and_translate((-1.5, 2.5), 16)
    assert (scale, translate) == (4.0, 6.0)
    assert -1.5 * scale + translate == 0.0
    assert 2.5 * scale + translate == 16.0
