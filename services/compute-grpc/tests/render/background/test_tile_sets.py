"""Tiles that are made in the background say the same as a scan of all rows, and then few rows are read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from compute_rig.ordered import hard_rows
from compute_rig.rows import plan_of
from compute_rig.tiled import DEADLINE_S, Scene, assert_same, few_rows
from halftone_compute import metrics
from halftone_views.lattice import Viewport

if TYPE_CHECKING:
    from pathlib import Path

HARD = hard_rows()
REDUCTIONS = ("sum", "mean", "min", "max", "std", "by", "mode", "first", "last")
# Hard rows, and what is asked of them: an outlier alone has thousands of tiles.
SPREADS = {
    "normal": REDUCTIONS,
    "a point and noise": ("max", "std", "by", "last"),
    "a line": ("mean", "std", "by"),
    "clusters": ("sum", "min", "by", "first"),
    "a fractal": ("sum", "std", "mode"),
    "an outlier": ("max",),
}


@pytest.mark.parametrize("spread", SPREADS)
def test_all_reductions_are_those_of_a_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spread: str) -> None:
    few_rows(monkeypatch)
    scene = Scene(tmp_path, *HARD[spread])
    tiles = list(scene.tiles())
    for reduction in SPREADS[spread]:
        category = "c" if reduction == "mode" else ""
        plan = plan_of("count" if reduction == "mode" else reduction, category=category)
        assert scene.drawn_from_tiles(plan, scene.stored()[-1]).rows_scanned == 0
        total = 0
        for tile in tiles:
            mine, receipt = scene.drawn(scene.renderer, plan, [tile])
            assert_same(mine, scene.drawn(scene.scanning, plan, [tile])[0])
            total += receipt.tiles_read
        assert total > len(tiles) / 3
    scene.renderer.close()


@pytest.mark.parametrize("reduction", ["mean", "min", "std", "last"])
def test_values_of_each_category_are_those_of_a_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reduction: str
) -> None:
    few_rows(monkeypatch)
    scene = Scene(tmp_path, *HARD["normal"])
    plan = plan_of(reduction, category="c", planes=5, other=True)
    scene.drawn_from_tiles(plan, scene.stored()[-1])
    tiles = [*scene.stored()[:3], *scene.tiles()]
    for tile in tiles:
        assert_same(*(scene.drawn(renderer, plan, [tile])[0] for renderer in (scene.renderer, scene.scanning)))
    scene.renderer.close()


def test_rows_at_one_point_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few_rows(monkeypatch)
    scene = Scene(tmp_path, *HARD["a point and noise"])
    plan = plan_of("max")
    stored = scene.stored()
    scene.drawn_from_tiles(plan, stored[-1])
    finest = stored[0]
    tile = scene.around(0, finest.ex - 9, finest.ey - 9)
    for place in (tile, Viewport(3.0, 4.0, -2.5, -1.5, 33, 21, exact=True)):
        mine, receipt = scene.drawn(scene.renderer, plan, [place])
        assert_same(mine, scene.drawn(scene.scanning, plan, [place])[0])
        assert receipt.rows_scanned <= 500
    scene.renderer.close()


def test_files_have_no_name_and_the_room_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few_rows(monkeypatch)
    sizes = []
    for reduction in ("min", "sum"):
        scene = Scene(tmp_path / reduction, *HARD["normal"])
        scene.drawn_from_tiles(plan_of(reduction), scene.stored()[-1])
        assert list(scene.folder.iterdir()) == []
        sizes.append(int(metrics.BACKGROUND_BYTES._value.get()))
        scene.renderer.close()
    # Room for either, not for both.
    scene = Scene(tmp_path / "both", *HARD["normal"], room_bytes=max(sizes) + 1)
    for reduction in ("min", "sum", "min"):
        scene.drawn_from_tiles(plan_of(reduction), scene.stored()[-1])
        assert metrics.BACKGROUND_BYTES._value.get() <= max(sizes) + 1
    scene.renderer.close()


def test_what_is_too_large_is_scanned_and_not_tried_again_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_rows(monkeypatch)
    scene = Scene(tmp_path, *HARD["normal"], room_bytes=1000)
    before = metrics.BACKGROUND.labels("too_large")._value.get()
    deadline = time.monotonic() + DEADLINE_S
    while metrics.BACKGROUND.labels("too_large")._value.get() == before and time.monotonic() < deadline:
        _, receipt = scene.drawn(scene.renderer, plan_of("min"), [scene.stored()[-1]])
        assert receipt.rows_scanned > 0
        time.sleep(0.01)
    scene.drawn(scene.renderer, plan_of("min"), [scene.stored()[-1]])
    scene.renderer.close()
    assert metrics.BACKGROUND.labels("too_large")._value.get() == before + 1


def test_an_end_does_not_wait_for_a_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few_rows(monkeypatch)
    scene = Scene(tmp_path, *HARD["normal"])
    for reduction in ("min", "max", "sum", "std", "by"):
        scene.drawn(scene.renderer, plan_of(reduction), [scene.stored()[-1]])
    scene.renderer.close()
    _, receipt = scene.drawn(scene.renderer, plan_of("mean"), [scene.stored()[-1]])
    assert receipt.rows_scanned > 0
