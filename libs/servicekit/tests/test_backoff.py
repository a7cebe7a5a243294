from itertools import pairwise

from halftone_servicekit.backoff import Backoff


def test_pauses_double_to_the_longest_with_jitter() -> None:
    backoff = Backoff(0.1, 5.0)
    pauses = [backoff.pause() for _ in range(10)]
    bounds = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0, 5.0]
    assert all(bound / 2 <= pause <= bound for pause, bound in zip(pauses, bounds, strict=True))
    assert all(one != other for one, other in pairwise(pauses))


def test_a_success_starts_it_again() -> None:
    backoff = Backoff(0.1, 5.0)
    for _ in range(5):
        backoff.pause()
    backoff.reset()
    assert backoff.pause() <= 0.1
