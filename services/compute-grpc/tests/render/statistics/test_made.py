"""Quantiles and different values are those of pandas in all ways that bars are drawn, those of all others together."""

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from compute_rig.tables import RandomTable, tables
from compute_rig.ways import WAYS, Ways, small_parts
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.render.statistics import made
from halftone_views.columns import Table
from halftone_views.lattice import Address, cell_of
from halftone_views.plan import Resolved, resolve
from halftone_views.reduction import reduction_of, statistics
from halftone_views.registry import validate_options
from halftone_wire import Piece, finish
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

EXAMPLES = settings().max_examples // 10
PHASES = tuple(phase for phase in settings().phases if phase is not Phase.explain)


@pytest.fixture(scope="module", autouse=True)
def parts() -> Iterator[None]:
    with small_parts():
        yield


@settings(max_examples=EXAMPLES, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(
    tables(),
    st.fixed_dictionaries(
        {"x": st.sampled_from(("c", "c", "x")), "reduction": st.sampled_from(sorted(statistics()))},
        optional={"order": st.sampled_from(("greatest", "least", "name")), "top": st.sampled_from((0, 1, 3))},
    ),
    st.booleans(),
    st.booleans(),
)
def test_statistics_are_those_of_pandas(
    table: RandomTable, options: dict[str, object], is_exact_viewport: bool, is_estimated: bool
) -> None:
    view = validate_options("bars", {"value": "v", **options})
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        # Of a few values an estimate is exact, but for two hashes in one register.
        patch.setattr(made, "ESTIMATED_FROM", -1 if is_estimated else 4096)
        ways = Ways(Path(folder), table)
        try:
            for way in WAYS:
                version = ways.version(way)
                if not (version.columns["x"].is_exact and version.columns["v"].is_exact):
                    # Refused, as it would be rounded.
                    return
                about = Table(version.version_id, version.rows, version.columns)
                size = frame_pb2.Viewport(width=40, height=1, exact_viewport=is_exact_viewport)
                resolved = resolve(view, about, size, "")
                fetch = compute_pb2.RenderAsk(plan=resolved.plan)
                if resolved.addresses is None:
                    fetch.whole.CopyFrom(resolved.whole.to_proto())
                else:
                    fetch.tiles.extend(tile.to_proto() for tile in resolved.addresses)
                found = ways.drawn(way, fetch)[0]
                check(table, str(options["reduction"]), resolved, found, is_estimated=is_estimated)
        finally:
            ways.close()


def check(
    table: RandomTable, reduction: str, resolved: Resolved, pieces: Sequence[Piece], *, is_estimated: bool
) -> None:
    rows = pd.DataFrame(
        {
            "v": pd.Series(table.rows.numbers("v"), dtype="float64"),
            "x": pd.Series(table.rows.places(resolved.plan.x), dtype="float64"),
        }
    )
    places = [resolved.whole] if resolved.addresses is None else resolved.addresses
    if resolved.addresses is None and not resolved.x.steps:
        check_alone(pieces[0], reduction)
        return
    for piece, place in zip(pieces, places, strict=True):
        exponent = place.ex if isinstance(place, Address) else 0
        cells = of_steps(rows["x"], piece) if piece.steps else of_piece(rows["x"], piece, exponent)
        found = finish(resolved.quantity, piece.planes)[0]
        groups = rows["v"].groupby(cells)
        if reduction == "distinct":
            expected = groups.nunique().where(groups.count() > 0)
        else:
            share = reduction_of(reduction).share
            expected = pd.Series({cell: quantile(values, share) for cell, values in groups}, dtype="float64")
        of_cells = expected.reindex(range(len(found))).to_numpy(np.float64)
        if reduction == "distinct" and is_estimated:
            np.testing.assert_allclose(found, of_cells, rtol=0.08)
        else:
            np.testing.assert_array_equal(found, of_cells)
        if resolved.plan.rank.finisher:
            numbers = found[: len(piece.steps) - bool(resolved.plan.rank.top)]
            known = numbers[~np.isnan(numbers)]
            assert known.tolist() == sorted(known, reverse=not resolved.plan.rank.least_first)


def check_alone(piece: Piece, reduction: str) -> None:
    """Values in cells of any edges are those that engines gather there: one value is its own quantile."""
    valid, least, found = (
        piece.cells(role)[0].astype(np.float64)
        for role in (frame_pb2.PLANE_ROLE_VALID, frame_pb2.PLANE_ROLE_MIN, frame_pb2.PLANE_ROLE_STATISTIC)
    )
    assert (found[valid == 0] == 0).all()
    if reduction == "distinct":
        assert (found[valid == 1] == 1).all()
        assert (found[valid > 0] > 0).all()
    else:
        np.testing.assert_array_equal(found[valid == 1], least[valid == 1])
        assert (found[valid > 0] >= least[valid > 0]).all()


def quantile(values: pd.Series, share: float) -> float:
    """The least value that at least a share of the values do not exceed, by the share as it is written."""
    known = sorted(values.dropna())
    return known[max(math.ceil(Fraction(str(share)) * len(known)) - 1, 0)] if known else math.nan


def of_piece(places: pd.Series, piece: Piece, exponent: int) -> pd.Series:
    first = cell_of(piece.extent[0], exponent)
    return places.map(lambda place: math.nan if math.isnan(place) else float(cell_of(place, exponent) - first))


def of_steps(places: pd.Series, piece: Piece) -> pd.Series:
    """The cell of each row on a ranked axis, whose last cell is that of all steps that have none."""
    at = {step: cell for cell, step in enumerate(piece.steps)}
    return places.map(lambda place: at.get(math.floor(place), len(piece.steps) - 1))
