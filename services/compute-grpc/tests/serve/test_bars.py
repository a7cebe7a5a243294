"""Histograms to PNG; error bars are those of pandas in all ways that a picture is made."""

import io
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from compute_rig.tables import RandomTable, tables
from compute_rig.ways import WAYS, Ways, small_parts
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.serve.bars import HEIGHT, bars
from halftone_views.columns import Table
from halftone_views.lattice import TILE, cell_of
from halftone_views.plan import Resolved, resolve
from halftone_views.registry import validate_options
from halftone_wire import Piece, finish, half_interval
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image

EXAMPLES = settings().max_examples // 12
PHASES = tuple(phase for phase in settings().phases if phase is not Phase.explain)


def pixels(grid: np.ndarray, *, holds_places: bool = False, errors: np.ndarray | None = None) -> np.ndarray:
    file = bars(grid, "viridis", "linear", holds_places=holds_places, errors=errors)
    found = np.asarray(Image.open(io.BytesIO(file)))
    assert found.shape == (HEIGHT, grid.shape[1], 4)
    return found


def filled(found: np.ndarray) -> list[list[int]]:
    """[first, last] filled pixel of each bin from below, empty for a gap."""
    columns = found[::-1, :, 3].astype(bool).T
    return [np.flatnonzero(column)[[0, -1]].tolist() if column.any() else [] for column in columns]


@pytest.mark.parametrize("counts", [[0, 1, 1000], [0, 0, 0]])
def test_bars_stand_on_the_ground_and_small_ones_are_seen(counts: list[int]) -> None:
    expected = [[], [0, 0], [0, HEIGHT - 1]] if any(counts) else [[], [], []]
    assert filled(pixels(np.array([counts], np.uint32))) == expected


def test_numbers_below_zero_hang_from_it_and_a_bin_without_one_is_a_gap() -> None:
    middle = HEIGHT // 2
    found = filled(pixels(np.array([[2.0, -2.0, np.nan, 0.0, 1.0]])))
    assert found == [[middle, HEIGHT - 1], [0, middle - 1], [], [middle, middle], [middle, middle + middle // 2 - 1]]
    assert filled(pixels(np.array([[-4.0, 0.0, np.nan]]))) == [[0, HEIGHT - 1], [HEIGHT - 1, HEIGHT - 1], []]
    assert filled(pixels(np.array([[np.nan, np.nan]]))) == [[], []]


def test_an_interval_reaches_to_both_sides_of_a_number() -> None:
    numbers, errors = np.array([[2.0, 2.0, -1.0]]), np.array([[np.nan, 2.0, 1.0]])
    found = pixels(numbers, errors=errors)[::-1]
    # From the end of one interval at -2 to that of the other at 4.
    unit = HEIGHT / 6
    assert filled(found[::-1]) == [[85, 85 + int(2 * unit)], [85, HEIGHT - 1], [0, 85]]
    bar, line = found[100, 0].tolist(), found[200, 1].tolist()
    assert bar != line
    assert [found[level, 1].tolist() == line for level in (84, 86, 254)] == [False, True, True]


def test_rows_by_category_stand_on_each_other() -> None:
    found = pixels(np.array([[[1, 3], [0, 2], [0, 0]]], np.uint32))
    assert filled(found) == [[0, HEIGHT - 1], [0, HEIGHT // 2 - 1], []]
    quarter = HEIGHT // 4
    lower, upper = found[-1, 0].tolist(), found[0, 0].tolist()
    assert lower != upper
    assert found[-quarter, 0].tolist() == lower
    assert found[-quarter - 1, 0].tolist() == found[-1, 1].tolist() == upper


def test_other_numbers_by_category_are_marks_in_their_colours() -> None:
    found = pixels(np.array([[[0.0, 1.0], [np.nan, np.nan]]]))
    assert filled(found) == [[0, HEIGHT - 1], []]
    assert found[:, 0, 3].astype(bool).sum() == 6
    assert found[0, 0].tolist() != found[-1, 0].tolist()


def test_bars_of_places_have_the_colours_of_their_categories() -> None:
    found = pixels(np.array([[0.0, np.nan, 1.0]]), holds_places=True)
    assert filled(found) == [[0, HEIGHT - 1], [], [0, HEIGHT - 1]]
    assert found[0, 0].tolist() != found[0, 2].tolist()


@pytest.fixture(scope="module")
def parts() -> Iterator[None]:
    with small_parts():
        yield


@settings(max_examples=EXAMPLES, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(
    tables(),
    st.fixed_dictionaries(
        {"x": st.sampled_from(("c", "c", "x")), "category": st.sampled_from((None, None, "k"))},
        optional={"order": st.sampled_from(("greatest", "name")), "top": st.sampled_from((0, 1, 3))},
    ),
)
@pytest.mark.usefixtures("parts")
def test_intervals_are_those_of_pandas(table: RandomTable, options: dict[str, object]) -> None:
    view = validate_options("bars", {"reduction": "mean", "value": "v", "errors": "mean95", **options})
    with TemporaryDirectory() as folder:
        ways = Ways(Path(folder), table)
        try:
            for way in WAYS:
                version = ways.version(way)
                if not (version.columns["x"].is_exact and version.columns["v"].is_exact):
                    # Refused, as it would be rounded.
                    return
                about = Table(version.version_id, version.rows, version.columns)
                resolved = resolve(view, about, frame_pb2.Viewport(width=40, height=1), "")
                fetch = compute_pb2.RenderAsk(plan=resolved.plan)
                fetch.tiles.extend(tile.to_proto() for tile in resolved.addresses or ())
                check(table, resolved, ways.drawn(way, fetch)[0])
        finally:
            ways.close()


def check(table: RandomTable, resolved: Resolved, pieces: Sequence[Piece]) -> None:
    rows = pd.DataFrame(
        {
            "v": pd.Series(table.rows.numbers("v"), dtype="float64"),
            "k": table.rows.values["k"],
            "x": pd.Series(table.rows.places(resolved.plan.x), dtype="float64"),
        }
    )
    scale = float(rows["v"].abs().max()) if rows["v"].notna().any() else 1.0
    quantity = resolved.quantity
    for piece, tile in zip(pieces, resolved.addresses or (), strict=True):
        half = half_interval(quantity, piece.planes)
        assert half is not None
        means = finish(quantity, piece.planes)
        cells = of_pieces(rows["x"], piece, tile.ex) if not piece.steps else of_steps(rows["x"], piece)
        for place in range(half.shape[2]) if quantity.category else (None,):
            own = rows if place is None else rows[rows["k"] == place]
            groups = own["v"].groupby(cells[own.index])
            found = (means[0], half[0]) if place is None else (means[0, :, place], half[0, :, place])
            for numbers, expected in zip(found, (groups.mean(), 1.96 * groups.sem()), strict=True):
                of_cells = expected.reindex(range(TILE)).to_numpy(np.float64)
                np.testing.assert_allclose(numbers, of_cells, rtol=1e-6, atol=1e-9 * scale)


def of_pieces(places: pd.Series, piece: Piece, exponent: int) -> pd.Series:
    """The cell of each row in a tile; cells of others lie outside of it."""
    first = cell_of(piece.extent[0], exponent)
    return places.map(lambda place: math.nan if math.isnan(place) else float(cell_of(place, exponent) - first))


def of_steps(places: pd.Series, piece: Piece) -> pd.Series:
    """The cell of each row on a ranked axis, whose last cell is that of all steps that have none."""
    at = {step: cell for cell, step in enumerate(piece.steps)}
    return places.map(lambda place: at.get(math.floor(place), len(piece.steps) - 1))
