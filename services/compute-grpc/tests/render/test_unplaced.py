"""Every row is drawn or said to have no place, on both engines, in tiles and in whole viewports."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial
from uuid import uuid4

import numpy as np
import pytest
from compute_rig.host_device import HostDevice
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT
from compute_rig.tokens import VERSION
from halftone.v1 import compute_pb2, frame_pb2
from halftone.v1.frame_pb2 import Unplaced
from halftone_compute.backends.base import Cancel
from halftone_compute.backends.card import CardEngine
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render.job import RenderJob, job_from_view, table_of
from halftone_compute.render.renderer import Renderer
from halftone_compute.render.unplaced import UnplacedRows, counted
from halftone_compute.store.base import Block
from halftone_views.plan import resolve
from halftone_views.registry import validate_options
from halftone_wire import decode_piece
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

WHOLE = pytest.mark.parametrize("exact", [False, True], ids=["tiles", "exact"])
INF, NAN = np.inf, np.nan


@cache
def renderers() -> tuple[Renderer, Renderer]:
    """One of each engine."""
    return Renderer(Engines(CpuEngine()), 1 << 30), Renderer(Engines(CardEngine(HostDevice(), 1 << 26)), 1 << 30)


def job_of(version: MemoryVersion, exact: bool = False, **options: str) -> RenderJob:
    viewport = frame_pb2.Viewport(width=50, height=40, exact_viewport=exact)
    view = validate_options("points", {"x": "x", "y": "y", **options})
    return job_from_view(resolve(view, table_of(version), viewport, ""), GRANT, version)


def drawn(values: Mapping[str, np.ndarray], exact: bool, **options: str) -> tuple[int, Unplaced]:
    """Rows in the cells of the whole view, and those without a place: the same from both engines."""
    job = job_of(MemoryVersion(str(uuid4()), values, block_rows=97), exact, **options)
    found = []
    for renderer in renderers():
        pieces: list[bytes] = []
        receipt = renderer.render(job, Cancel(), partial(_keep, pieces))
        found.append((sum(int(decode_piece(piece).planes[0].cells.sum()) for piece in pieces), receipt.unplaced))
    assert found[0] == found[1]
    return found[0]


def _keep(pieces: list[bytes], piece: compute_pb2.EncodedPiece) -> None:
    pieces.append(piece.piece)


def numbers(random: np.random.Generator, rows: int) -> np.ndarray:
    """Of one magnitude, or of all of them; some infinite, some missing."""
    low = random.uniform(-320, 308)
    power = random.uniform(low, min(low + random.choice([0.5, 10, 640]), 308), rows)
    with np.errstate(under="ignore"):
        values = np.clip(10.0**power * random.uniform(-1.7, 1.7, rows), -1.7e308, 1.7e308)
    odd = random.choice([INF, -INF, NAN, 0.0, 5e-324, 1.7e308, 2.0**1000], rows)
    return np.where(random.random(rows) < random.choice([0, 0.2]), odd, values)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_drawn_and_unplaced_rows_are_all_rows(seed: int, exact: bool) -> None:
    random = np.random.default_rng(seed)
    rows = int(random.integers(1, 300))
    inside, unplaced = drawn({"x": numbers(random, rows), "y": numbers(random, rows)}, exact)
    assert inside + unplaced.missing + unplaced.infinite + unplaced.out_of_range == rows


@WHOLE
def test_extremes_are_drawn_or_said(exact: bool) -> None:
    x = np.array([0.0, 1, 2])
    assert drawn({"x": x, "y": np.array([0, 1.7e308, 1])}, exact) == (2, Unplaced(out_of_range=1))
    assert drawn({"x": x, "y": np.array([1e300, 2e300, -1e300])}, exact) == (3, Unplaced())
    for unit in (1e-306, 1e-310, 5e-324):
        assert drawn({"x": x, "y": x * unit}, exact) == (3, Unplaced())


@WHOLE
def test_infinite_values_have_no_place_and_are_not_reduced(exact: bool) -> None:
    values = {
        "x": np.arange(1.0, 7),
        "y": np.array([0.5, INF, -INF, INF, 1.5, -INF]),
        "w": np.array([INF, 1, 2, NAN, 4, 5]),
    }
    assert drawn(values, exact) == (2, Unplaced(infinite=4))
    assert drawn(values, exact, reduction="mean", value="w") == (2, Unplaced(infinite=4, value_infinite=1))
    assert drawn({**values, "y": values["x"]}, exact, reduction="sum", value="w") == (
        6,
        Unplaced(value_missing=1, value_infinite=1),
    )


@WHOLE
def test_the_years_1_to_9999_are_drawn(exact: bool) -> None:
    when = np.array([-62_135_596_800_000, 1_577_923_200_000, 253_402_300_799_999])
    assert drawn({"x": when, "y": np.arange(3.0)}, exact) == (3, Unplaced())


def test_a_row_counts_once_under_the_first_reason() -> None:
    values = {"x": np.array([NAN, NAN, INF, INF, 1e308, 0]), "y": np.array([INF, 0, 1e308, 0, 0, NAN])}
    assert drawn(values, exact=False)[1] == Unplaced(missing=3, infinite=2, out_of_range=1)


def test_statistics_and_rows_say_the_same_and_rows_are_read_once() -> None:
    values = {"x": np.array([NAN, 1, INF, 2]), "y": np.array([1.0, 2, 3, NAN]), "v": np.array([1, 0, 3, 4])}
    version = MemoryVersion(VERSION, values, valid={"v": np.array([True, False, True, True])})
    unplaced = UnplacedRows()
    plain: tuple[dict[str, str], ...] = ({"y": "x"}, {"x": "y"}, {"x": "v", "y": "v"})
    for options in (*plain, {"x": "v", "y": "v", "reduction": "sum", "value": "v"}):
        job = job_of(version, exact=False, **options)
        assert unplaced.of(job, Cancel()) == counted(job, Cancel())
    passes = version.passes
    job = job_of(version, reduction="max", value="v")
    assert unplaced.of(job, Cancel()) == unplaced.of(job, Cancel()) == Unplaced(missing=2, infinite=1, value_missing=1)
    assert version.passes == passes + 1


def test_values_that_a_transform_has_no_place_for_are_counted_apart() -> None:
    values = {
        "x": np.array([NAN, INF, 0.0, -1.0, 5e-324, 1.7e308, 2.0, 3.0]),
        "y": np.array([1.0, -1.0, 1.0, 99.0, 90.0, 1.0, 1.0, 1.0], "f4"),
        "n": np.array([0, 0, 1, 1, 1, 0, 1, 1], "i2"),
    }
    version = MemoryVersion(VERSION, values, valid={"n": np.array([True, False, True, True, True, True, False, True])})
    job = job_of(version)

    def found(**transforms: "compute_pb2.Transform.ValueType") -> Unplaced:
        plan = compute_pb2.Plan(glyph=compute_pb2.GLYPH_POINTS, value=job.plan.value)
        for name, column in (("x", "x"), ("y", "n" if "n" in transforms else "y")):
            code = transforms.get(column, compute_pb2.TRANSFORM_LINEAR)
            getattr(plan, name).CopyFrom(compute_pb2.Axis(column=column, transform=code))
        return UnplacedRows().of(replace(job, plan=plan), Cancel())

    log, mercator = compute_pb2.TRANSFORM_LOG10, compute_pb2.TRANSFORM_MERCATOR
    assert found() == Unplaced(missing=1, infinite=1, out_of_range=1)
    assert found(x=log) == Unplaced(missing=1, infinite=1, not_on_scale=2)
    assert found(x=log, y=mercator) == Unplaced(missing=1, infinite=1, not_on_scale=3)
    assert found(y=mercator) == Unplaced(missing=1, infinite=1, out_of_range=1, not_on_scale=2)
    # A missing whole number is stored as 0.
    assert found(x=log, n=log) == Unplaced(missing=3, not_on_scale=3)


def test_statistics_tell_that_a_scale_has_a_place_for_every_row() -> None:
    version = MemoryVersion(VERSION, {"x": np.array([1.0, 2]), "y": np.array([0.0, 2])})
    job = job_of(version)
    job.plan.x.transform = compute_pb2.TRANSFORM_LOG10
    assert UnplacedRows().of(job, Cancel()) == Unplaced()
    assert version.passes == 0
    job.plan.y.transform = compute_pb2.TRANSFORM_LOG10
    unplaced = UnplacedRows()
    assert unplaced.of(job, Cancel()) == unplaced.of(job, Cancel()) == Unplaced(not_on_scale=1)
    assert version.passes == 1
    # Another transform of the same columns is counted anew.
    job.plan.x.transform = compute_pb2.TRANSFORM_MERCATOR
    assert unplaced.of(job, Cancel()) == Unplaced(not_on_scale=1)
    assert version.passes == 2


class EvenRows:
    """Every other row counts."""

    columns = ("y",)

    def mask(self, block: Block) -> np.ndarray:
        even: np.ndarray = np.arange(len(block.values["y"])) % 2 == 0
        return even


def test_only_rows_that_may_be_seen_are_counted() -> None:
    version = MemoryVersion(VERSION, {"x": np.array([NAN, NAN, 1, 2]), "y": np.arange(4.0)})
    job = replace(job_of(version), row_filter=EvenRows())
    assert UnplacedRows().of(job, Cancel()) == Unplaced(missing=1)
