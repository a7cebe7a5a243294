"""Loops of statistics are compiled before the first request, and count only what they are asked for."""

import numpy as np
from halftone_compute.render.statistics.kernels import add_hashes, count_digits, warm_up


def test_digits_are_counted_of_keys_with_the_prefix_of_their_cell() -> None:
    warm_up()
    counts = np.zeros((2, 256), np.int64)
    keys = np.array([0x1203, 0x1204, 0x1303, 0x1203], np.uint64)
    count_digits(np.array([0, 0, 0, 1]), keys, np.array([0x12, 0x13], np.uint64), 8, 0, counts)
    assert np.argwhere(counts).tolist() == [[0, 3], [0, 4]]


def test_equal_values_change_a_register_once() -> None:
    registers = np.zeros((1, 1 << 12), np.uint8)
    for _ in range(2):
        add_hashes(np.zeros(3, np.int64), np.array([7, 7, 7], np.uint64), 12, registers)
    assert np.count_nonzero(registers) == 1
