"""Each strategy answers what it can of a job."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT, plan_of
from compute_rig.tokens import VERSION
from halftone_compute.backends.base import Cancel
from halftone_compute.render.job import RenderJob
from halftone_compute.render.planner import Gathered, Planner, Strategy
from halftone_views.lattice import Address
from typing_extensions import override

JOB = RenderJob(
    GRANT, MemoryVersion(VERSION, {"x": np.zeros(1), "y": np.zeros(1)}), plan_of("count"), {b"1": Address(0, 0, 0, 0)}
)

TWO = replace(JOB, places={b"1": Address(0, 0, 0, 0), b"2": Address(0, 1, 0, 0)})


@dataclass
class Known(Strategy):
    """Answers with what it was given, which may be nothing."""

    gathered: list[Gathered]
    asked: list[RenderJob] = field(default_factory=list)

    @override
    def gather(self, job: RenderJob, cancel: Cancel) -> Iterator[Gathered]:
        self.asked.append(job)
        yield from self.gathered


def test_each_strategy_answers_what_it_can_of_what_is_left() -> None:
    cannot, one, rest, later = Known([]), Known([made(b"2")]), Known([made(b"1")]), Known([])
    assert list(Planner([cannot, one, rest, later]).gather(TWO, Cancel())) == [*one.gathered, *rest.gathered]
    assert (cannot.asked, one.asked, later.asked) == ([TWO], [TWO], [])
    assert [list(asked.places) for asked in rest.asked] == [[b"1"]]


def test_what_is_made_comes_before_the_next_strategy_begins() -> None:
    one, rest = Known([made(b"1")]), Known([made(b"2")])
    assert next(Planner([one, rest]).gather(TWO, Cancel())) is one.gathered[0]
    assert rest.asked == []


def test_a_strategy_may_answer_in_several_parts() -> None:
    both, later = Known([made(b"2"), made(b"1")]), Known([])
    assert list(Planner([both, later]).gather(TWO, Cancel())) == both.gathered
    assert later.asked == []


def test_pieces_of_a_sample_leave_all_to_be_answered() -> None:
    guessed, exact = Known([replace(made(b"1", b"2"), fraction=0.1)]), Known([made(b"1", b"2")])
    assert list(Planner([guessed, exact]).gather(TWO, Cancel())) == [*guessed.gathered, *exact.gathered]
    assert exact.asked == [TWO]


def test_what_takes_pieces_out_does_not_change_what_is_left() -> None:
    one, rest = Known([made(b"1")]), Known([made(b"2")])
    taken = [list(gathered.taken()) for gathered in Planner([one, rest]).gather(TWO, Cancel())]
    assert taken == [[(b"1", b"")], [(b"2", b"")]]
    assert [list(asked.places) for asked in rest.asked] == [[b"2"]]


def test_a_piece_that_was_taken_out_is_not_kept() -> None:
    gathered = made(b"1", b"2")
    taken = gathered.taken()
    assert next(taken) == (b"1", b"")
    assert list(gathered.pieces) == [b"2"]
    assert list(taken) == [(b"2", b"")]
    assert gathered.pieces == {}


def test_a_job_that_no_strategy_answers_is_an_error() -> None:
    with pytest.raises(LookupError):
        list(Planner([Known([])]).gather(JOB, Cancel()))


def made(*piece_ids: bytes) -> Gathered:
    return Gathered(dict.fromkeys(piece_ids, b""), 0, "cpu")
