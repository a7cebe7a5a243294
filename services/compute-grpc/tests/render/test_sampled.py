"""First answers of a sample: marked, near the truth, followed by the exact ones, and only where these take long."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.indexed import write_indexed
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT, plan_of
from compute_rig.tokens import VERSION
from compute_rig.waiting import wait_until
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.backends.base import Cancel
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render import sampled
from halftone_compute.render.background import copies
from halftone_compute.render.cut import sample_id
from halftone_compute.render.job import Place, RenderJob
from halftone_compute.render.renderer import Renderer
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.lattice import Address, Viewport
from halftone_views.plan import piece_ids
from halftone_wire import Piece, decode_piece

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.store.base import OpenVersion

ROWS, SAMPLE = 40_000, 4_000
RNG = np.random.default_rng(6)
COLUMNS: dict[str, np.ndarray] = {
    "x": RNG.normal(size=ROWS),
    "y": RNG.normal(size=ROWS),
    "v": RNG.normal(50, 1, ROWS),
    "c": RNG.choice(3, ROWS, p=[0.7, 0.2, 0.1]).astype(np.int32),
}
WHOLE = Viewport(-9.0, 9.0, -9.0, 9.0, 4, 4)
TILES = (Address(-4, -1, -4, 0), Address(-4, 0, -4, 0), Address(-4, -1, -4, -1), Address(-4, 0, -4, -1))
COUNT, SUM, VALID = frame_pb2.PLANE_ROLE_COUNT, frame_pb2.PLANE_ROLE_SUM, frame_pb2.PLANE_ROLE_VALID


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampled, "FEW_ROWS", ROWS // 4)


def version(**options: object) -> MemoryVersion:
    return MemoryVersion(VERSION, COLUMNS, types={"c": "category"}, **options).with_sample(SAMPLE)  # type: ignore[arg-type]


def job_of(opened: OpenVersion, reduction: str = "count", places: tuple[Place, ...] = (WHOLE,)) -> RenderJob:
    plan = plan_of(reduction)
    ids = piece_ids(plan, opened.version_id, list(places), GRANT.policy_hash)
    return RenderJob(GRANT, opened, plan, dict(zip(ids, places, strict=True)), approximate=True)


@dataclass
class Answer:
    sampled: list[compute_pb2.SampledPieces] = field(default_factory=list)
    pieces: list[compute_pb2.EncodedPiece] = field(default_factory=list)
    receipt: frame_pb2.Receipt | None = None
    # "sampled" and "exact", in the order in which they came.
    order: list[str] = field(default_factory=list)

    @property
    def estimates(self) -> list[Piece]:
        return [decode_piece(piece.piece) for part in self.sampled for piece in part.pieces]

    @property
    def exact(self) -> list[Piece]:
        return [decode_piece(piece.piece) for piece in self.pieces]


def answer(job: RenderJob, renderer: Renderer | None = None, cancel: Cancel | None = None) -> Answer:
    found = Answer()

    def emit(piece: compute_pb2.EncodedPiece) -> None:
        found.pieces.append(piece)
        found.order.append("exact")

    def emit_sampled(part: compute_pb2.SampledPieces) -> None:
        found.sampled.append(part)
        found.order.append("sampled")

    renderer = Renderer(Engines(CpuEngine()), 1 << 30) if renderer is None else renderer
    found.receipt = renderer.render(job, Cancel() if cancel is None else cancel, emit, emit_sampled)
    return found


@pytest.mark.parametrize("places", [(WHOLE,), TILES])
def test_the_sample_comes_first_and_then_every_row(places: tuple[Place, ...]) -> None:
    job = job_of(version(), places=places)
    found = answer(job)
    assert found.order == ["sampled", *["exact"] * len(places)]
    assert [part.fraction for part in found.sampled] == [SAMPLE / ROWS]
    assert [piece.fraction for piece in found.estimates] == [SAMPLE / ROWS] * len(places)
    assert [piece.fraction for piece in found.exact] == [1.0] * len(places)
    assert sum(int(piece.cells(COUNT).sum()) for piece in found.exact) == ROWS
    assert found.receipt is not None
    assert (found.receipt.fraction, found.receipt.rows_scanned) == (1.0, ROWS)


def test_cells_are_near_the_exact_ones() -> None:
    found = answer(job_of(version(), "mean"))
    [estimate], [exact] = found.estimates, found.exact
    rows, true = estimate.cells(COUNT) * (ROWS / SAMPLE), exact.cells(COUNT).astype(float)
    assert estimate.cells(COUNT).sum() == SAMPLE
    # Five deviations of a count of a tenth of the rows.
    assert (abs(rows - true) <= 5 * np.sqrt(true * ROWS / SAMPLE) + 1e-9).all()
    many = true > 1_000
    mean, true_mean = (piece.cells(SUM)[many] / piece.cells(VALID)[many] for piece in (estimate, exact))
    np.testing.assert_allclose(mean, true_mean, atol=0.5)


def test_by_category_too() -> None:
    [estimate], [exact] = (lambda found: (found.estimates, found.exact))(answer(job_of(version(), "by")))
    for code in range(3):
        rows = estimate.cells(frame_pb2.PLANE_ROLE_CATEGORY, code).sum() * (ROWS / SAMPLE)
        true = exact.cells(frame_pb2.PLANE_ROLE_CATEGORY, code).sum()
        assert abs(rows - true) < 5 * np.sqrt(true * ROWS / SAMPLE)


def test_ids_of_a_sample_are_its_own() -> None:
    job = job_of(version(), places=TILES)
    found = answer(job)
    [part] = found.sampled
    assert {piece.stands_for for piece in part.pieces} == job.places.keys()
    own = [piece.piece_id for piece in part.pieces]
    assert own == [sample_id(piece.stands_for) for piece in part.pieces]
    assert own == [piece.piece_id for piece in found.estimates]
    assert len(set(own) | job.places.keys()) == 2 * len(TILES)


def test_a_sample_in_groups_is_that_of_one_pass() -> None:
    job, whole = job_of(version(), "mean", TILES), answer(job_of(version(), "mean", TILES))
    of_one_tile = 256 * 256 * 16
    found = answer(job, Renderer(Engines(CpuEngine()), 2 * of_one_tile))
    assert found.order == ["sampled", "sampled", *["exact"] * 4]
    assert [len(part.pieces) for part in found.sampled] == [2, 2]
    assert _planes(found.estimates) == _planes(whole.estimates)
    assert _planes(found.exact) == _planes(whole.exact)
    assert found.receipt is not None
    assert found.receipt.rows_scanned == 2 * ROWS


def _planes(pieces: list[Piece]) -> dict[bytes, list[list[float]]]:
    return {piece.piece_id: [plane.cells.tolist() for plane in piece.planes] for piece in pieces}


def test_runs_repeat() -> None:
    job = job_of(version(), places=TILES)
    assert answer(job).sampled == answer(job).sampled


def test_few_rows_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampled, "FEW_ROWS", ROWS)
    assert answer(job_of(version())).order == ["exact"]


@pytest.mark.parametrize("rows", [0, 1])
def test_tiny_versions_are_exact_at_once(rows: int) -> None:
    tiny = MemoryVersion(VERSION, {name: values[:rows] for name, values in COLUMNS.items()}, types={"c": "category"})
    found = answer(job_of(tiny))
    assert found.order == ["exact"]
    assert found.exact[0].cells(COUNT).sum() == rows


def test_without_a_sample_or_a_wish_for_one_every_row_is_read() -> None:
    assert answer(job_of(MemoryVersion(VERSION, COLUMNS))).order == ["exact"]
    opened = version()
    assert answer(replace(job_of(opened), approximate=False)).order == ["exact"]
    assert opened.sample is not None
    assert opened.sample.passes == 0


def test_a_caller_that_takes_no_sample_gets_none() -> None:
    pieces: list[compute_pb2.EncodedPiece] = []
    Renderer(Engines(CpuEngine()), 1 << 30).render(job_of(version()), Cancel(), pieces.append)
    assert [decode_piece(piece.piece).fraction for piece in pieces] == [1.0]


def test_a_damaged_sample_costs_the_first_answer_alone() -> None:
    opened = version()
    assert opened.sample is not None
    opened.sample.failure = HalftoneError(ErrorCode.DATA_CORRUPT)
    found = answer(job_of(opened))
    assert found.order == ["exact"]
    assert found.exact[0].cells(COUNT).sum() == ROWS


def test_any_other_error_is_one() -> None:
    opened = version()
    assert opened.sample is not None
    opened.sample.failure = HalftoneError(ErrorCode.STORAGE_UNAVAILABLE)
    with pytest.raises(HalftoneError) as caught:
        answer(job_of(opened))
    assert caught.value.code is ErrorCode.STORAGE_UNAVAILABLE


def test_cancelled_between_the_sample_and_the_scan() -> None:
    opened, cancel, sent = version(), Cancel(), list[compute_pb2.SampledPieces]()

    def emit_sampled(part: compute_pb2.SampledPieces) -> None:
        sent.append(part)
        cancel.set()

    with pytest.raises(HalftoneError) as caught:
        Renderer(Engines(CpuEngine()), 1 << 30).render(job_of(opened), cancel, lambda _: None, emit_sampled)
    assert caught.value.code is ErrorCode.CANCELLED
    assert len(sent) == 1
    assert opened.blocks_read == 0


def test_only_rows_near_the_picture_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = 300_000
    monkeypatch.setattr(sampled, "FEW_ROWS", rows // 2)
    x, y = RNG.random(rows), RNG.random(rows)
    opened = LocalStore(tmp_path).open(write_indexed(tmp_path, {"x": x, "y": y}).grant())
    part = MemoryVersion("part", {"x": x[:SAMPLE], "y": y[:SAMPLE]})
    opened.__dict__["sample"] = part
    near, all_of_it = Viewport(0.4, 0.401, 0.4, 0.401, 8, 8), Viewport(0.0, 1.0, 0.0, 1.0, 8, 8)
    assert answer(job_of(opened, places=(near,))).order == ["exact"]
    assert answer(job_of(opened, places=(all_of_it,))).order == ["sampled", "exact"]


def test_questions_of_a_copy_are_answered_from_the_sample_of_the_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "LEAST_ROWS", 1)
    opened = version()
    renderer = Renderer(Engines(CpuEngine()), 1 << 30, tmp_path, 1 << 30)
    job = job_of(opened)

    def reads_the_copy() -> bool:
        passes = opened.passes
        # A free viewport reads rows, those of the copy once there is one.
        assert answer(job, renderer).order == ["sampled", "exact"]
        return opened.passes == passes

    wait_until(reads_the_copy)
    renderer.close()
