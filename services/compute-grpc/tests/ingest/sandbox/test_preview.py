"""The beginning of a file, described as an import would read it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from halftone_compute.ingest.sandbox import preview as module
from halftone_compute.ingest.sandbox.messages import PreviewRequest
from halftone_compute.ingest.sandbox.preview import preview
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.columns import ColumnInfo
from ingest_rig.samples import parquet

if TYPE_CHECKING:
    from pathlib import Path


def _preview(root: Path, data: bytes, kind: str, **wishes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    (root / "source").write_bytes(data)
    (root / "made").mkdir()
    made = preview(PreviewRequest(root / "source", kind, root / "made", 1 << 40, **wishes), lambda _: None)
    assert list((root / "made").iterdir()) == []
    return dict(json.loads(json.dumps(made)))


def test_a_small_file_is_seen_whole(tmp_path: Path) -> None:
    made = _preview(tmp_path, b"a,when,k\n1.5,2001-02-03,x\n2,2001-02-04 05:06:07.5,\n", "csv")
    assert [ColumnInfo.from_json(column).type for column in made["columns"]] == ["number", "time", "category"]
    assert made["rows"] == [["1.5", "2001-02-03T00:00:00Z", "x"], ["2", "2001-02-04T05:06:07.500000Z", None]]
    assert (made["sampled_rows"], made["rows_total"], made["whole"]) == (2, 2, True)
    assert made["reading"]["format"] == "csv"
    assert made["nothing_to_draw"] == ""
    assert (made["default_view"]["x"], made["default_view"]["y"]) == ("when", "a")


def test_of_a_large_file_the_beginning_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ROWS", 1_000)
    data = parquet({"x": np.arange(5_000) / 7, "y": np.arange(5_000) % 11}, row_group_size=700)
    made = _preview(tmp_path, data, "parquet")
    assert (made["sampled_rows"], made["rows_total"], made["whole"]) == (1_000, 5_000, False)
    assert len(made["rows"]) == 50
    assert made["rows"][8] == [str(8 / 7), "8"]
    picture = made["picture"]
    assert (picture["width"], picture["height"], len(picture["counts"])) == (160, 100, 16_000)
    assert sum(picture["counts"]) >= 900
    assert ColumnInfo.from_json(made["columns"][0]).max == 999 / 7


def test_time_ends_a_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SECONDS", -1.0)
    monkeypatch.setattr(module, "_ROWS", 1 << 40)
    made = _preview(tmp_path, parquet({"x": np.arange(300_000) / 7}, row_group_size=100_000), "parquet")
    assert (made["sampled_rows"] < 300_000, made["whole"]) == (True, False)


def test_exactly_as_many_rows_as_are_read_are_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ROWS", 700)
    assert _preview(tmp_path, parquet({"x": np.arange(700) / 7}), "parquet")["whole"]


def test_a_histogram_is_a_picture_of_one_row(tmp_path: Path) -> None:
    made = _preview(tmp_path, b"k,v\na,1.5\nb,2.5\nb,2.5\n", "csv")
    assert (made["default_view"]["kind"], made["default_view"]["y"]) == ("histogram", None)
    assert (made["picture"]["height"], sum(made["picture"]["counts"])) == (1, 3)


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ({"k": ["a", "b"]}, "no column holds numbers or times"),
        ({"k": ["a", "b"], "v": np.array([np.nan, np.inf])}, "hold no finite value"),
        ({"v": np.array([1 << 60, 1 << 61])}, "beyond 9,007,199,254,740,992"),
    ],
)
def test_a_table_with_nothing_to_draw_says_why(tmp_path: Path, table: dict[str, Any], reason: str) -> None:
    made = _preview(tmp_path, parquet(table), "parquet")
    assert (made["default_view"], made["picture"]) == (None, None)
    assert reason in made["nothing_to_draw"]


def test_a_file_without_rows_is_empty(tmp_path: Path) -> None:
    with pytest.raises(HalftoneError) as caught:
        _preview(tmp_path, parquet({"x": np.array([], np.float64)}), "parquet")
    assert caught.value.code == ErrorCode.EMPTY_FILE


def test_an_odd_wish_is_named(tmp_path: Path) -> None:
    with pytest.raises(HalftoneError) as caught:
        _preview(tmp_path, b"a\n1\n", "csv", reading={"dialect": {"sort": "x"}})
    assert (caught.value.code, caught.value.field) == (ErrorCode.PARAM_INVALID, "reading.dialect")
