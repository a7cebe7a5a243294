"""Every file of tests/cases through the real product: upload, preview, import, and a frame on the socket.

A right answer is a key of `right` in cases.json; README.md beside it says what each means. All files are queued at
once, so that the worker is busy while they are checked one after another.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from google.protobuf import json_format
from halftone.v1 import frame_pb2
from halftone_wire.planes import decode

from .product import Product, wait_until
from .test_imports import ENDED, job_of
from .test_wire import open_view, receive, send, signed_in

pytestmark = pytest.mark.e2e

FOLDER = Path(__file__).parents[1] / "cases"
CASES: list[dict[str, Any]] = json.loads((FOLDER / "cases.json").read_text())
# What must be said of a file, and what tells that a sentence says it.
SAID = {
    "Datum: looks like dates, day and month can not be told apart": r"day.*month|month.*day",
    "read as UTF-16": r"UTF-16",
    "1 line above the header left out": r"\b(1|one) line\b",
    "2 lines above the header left out": r"\b(2|two) lines\b",
    "no header: the first line fits the columns": r"header",
    "units: M1 [C], M2 [K]": r"unit",
    "user.tags: lists are left out": r"user\.tags.*lists",
    "the sheet Zips is read": r"sheet Zips",
}
UNITS = {"units: M1 [C], M2 [K]": {"M1": "C", "M2": "K"}}


@dataclass(frozen=True)
class Imported:
    """One file as the product took it in: its preview, its ended job, and the columns of its version by name.

    `refusal` is what a refused upload was answered with.
    """

    slug: str = ""
    refusal: str = ""
    preview: Mapping[str, Any] = field(default_factory=dict)
    job: Mapping[str, Any] = field(default_factory=dict)
    rows: int = 0
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def imported(product: Product) -> dict[str, Imported]:
    """Every case by the name of its file."""
    with product.sign_in() as web:
        asked = {case["file"]: _asked(web, case["file"], f"case-{place}") for place, case in enumerate(CASES)}
        return {
            name: Imported(refusal=each) if isinstance(each, str) else _taken_in(web, *each)
            for name, each in asked.items()
        }


def _asked(web: httpx2.Client, name: str, slug: str) -> tuple[str, str, str] | str:
    """The address of the preview, the id of the job, and the dataset; or the refusal of the upload."""
    upload = web.post("/api/uploads/", files={"file": (name, (FOLDER / name).read_bytes())})
    if upload.status_code != 201:
        return upload.text
    upload_id = upload.json()["id"]
    preview = web.post(f"/api/uploads/{upload_id}/preview/", json={}).raise_for_status()
    body = {"upload": upload_id, "slug": slug, "title": name}
    job = web.post("/api/imports/", json=body).raise_for_status()
    return preview.headers["Location"], job.json()["id"], slug


def _taken_in(web: httpx2.Client, preview: str, job_id: str, slug: str) -> Imported:
    def seen() -> dict[str, Any] | None:
        body: dict[str, Any] = web.get(preview, params={"wait": 20}).raise_for_status().json()
        return body if body["state"] in ("ready", "failed") else None

    def ended() -> dict[str, Any] | None:
        job = job_of(web, job_id)
        return job if job["state"] in ENDED else None

    found = wait_until(seen, f"the preview of {slug}", 240)
    job = wait_until(ended, f"the import of {slug}", 240)
    assert found is not None
    assert job is not None
    if job["state"] != "published":
        return Imported(slug, preview=found, job=job)
    body = web.get(f"/api/datasets/{slug}/columns/").raise_for_status().json()
    columns = {column["name"]: column for column in body["columns"]}
    return Imported(slug, preview=found, job=job, rows=body["version"]["rows"], columns=columns)


@pytest.mark.parametrize("case", CASES, ids=[case["file"] for case in CASES])
def test_a_file_is_read_right(product: Product, imported: dict[str, Imported], case: dict[str, Any]) -> None:
    right = dict(case["right"])
    got = imported[case["file"]]
    assert not got.refusal
    assert got.preview["error"] is None
    assert got.job["error"] is None
    assert got.preview["result"]["sampled_rows"] == got.rows
    assert {column["name"] for column in got.preview["result"]["columns"]} == set(got.columns)
    drawn, as_category = right.pop("drawn", None), right.pop("as_category", None)
    default_axes = right.pop("default_axes", None)
    for key, wanted in right.items():
        CHECKS[key](got, wanted)
    if default_axes is not None:
        _check_default_axes(product, got, default_axes)
    if drawn is not None:
        _check_drawn(product, got, drawn)
    if as_category is not None:
        _check_as_category(product, got, as_category)


def _check_rows(got: Imported, wanted: int) -> None:
    assert got.rows == wanted
    assert len(got.preview["result"]["rows"]) == min(50, wanted)


def _check_columns(got: Imported, wanted: Mapping[str, str]) -> None:
    types = {name: column["type"].removeprefix("COLUMN_TYPE_").lower() for name, column in got.columns.items()}
    assert {name: types.get(name) for name in wanted} == wanted


def _check_range(got: Imported, wanted: Mapping[str, list[float | str]]) -> None:
    for name, bounds in wanted.items():
        column = got.columns[name]
        assert [column["min"], column["max"]] == [_number(bound, column) for bound in bounds], name


def _number(bound: float | str, column: Mapping[str, Any]) -> float:
    """A bound as the column holds it: times in its own unit since 1970."""
    if not isinstance(bound, str):
        return float(bound)
    since = datetime.fromisoformat(bound) - datetime.fromisoformat("1970-01-01T00:00:00Z")
    micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return micros / 1_000 if column.get("timeUnit") == "TIME_UNIT_MILLISECOND" else micros


def _check_nulls(got: Imported, wanted: Mapping[str, int]) -> None:
    assert {name: int(got.columns[name].get("nulls", 0)) for name in wanted} == wanted


def _check_distinct(got: Imported, wanted: Mapping[str, int]) -> None:
    assert {name: int(got.columns[name].get("distinct", 0)) for name in wanted} == wanted


def _check_labels(got: Imported, wanted: Mapping[str, list[str]]) -> None:
    for name, labels in wanted.items():
        assert {category.get("label") for category in got.columns[name]["categories"]} == set(labels)


def _check_warn(got: Imported, wanted: list[str]) -> None:
    for sentence in wanted:
        column = sentence.partition(":")[0]
        for warnings in (got.preview["result"]["reading"]["warnings"], got.job["warnings"]):
            said = [
                warning["text"] for warning in warnings if re.search(SAID[sentence], warning["text"], re.IGNORECASE)
            ]
            assert said, (sentence, warnings)
            if column in got.columns:
                assert any(column in text for text in said), (sentence, said)
        for name, unit in UNITS.get(sentence, {}).items():
            assert got.columns[name]["unit"] == unit


def _check_suggest(got: Imported, wanted: Mapping[str, str]) -> None:
    readings = {column["name"]: column for column in got.preview["result"]["reading"]["columns"]}
    assert {name: (readings[name]["suggest"] or [None])[0] for name in wanted} == wanted


def _check_unreadable(got: Imported, wanted: Mapping[str, Mapping[str, Any]]) -> None:
    for name, cells in wanted.items():
        for unreadable in (got.preview["result"]["unreadable"], got.job["unreadable"]):
            assert unreadable[name]["count"] == cells["cells"]
            assert unreadable[name]["cells"][0] == {"line": cells["line"], "text": cells["example"]}
        assert int(got.columns[name]["unreadable"]) == cells["cells"]


def _check_infinite(got: Imported, wanted: Mapping[str, int]) -> None:
    assert {name: int(got.columns[name].get("infinite", 0)) for name in wanted} == wanted


CHECKS: Mapping[str, Callable[[Imported, Any], None]] = {
    "rows": _check_rows,
    "columns": _check_columns,
    "range": _check_range,
    "nulls": _check_nulls,
    "distinct": _check_distinct,
    "labels": _check_labels,
    "warn": _check_warn,
    "suggest": _check_suggest,
    "unreadable": _check_unreadable,
    "infinite": _check_infinite,
}


def _check_default_axes(product: Product, got: Imported, wanted: list[str]) -> None:
    view = got.preview["result"]["default_view"]
    assert [view["x"], view["y"]] == wanted
    opened, _, _ = _frame(product, got, {})
    assert [opened["options"]["x"], opened["options"]["y"]] == wanted


def _check_drawn(product: Product, got: Imported, wanted: Mapping[str, Any]) -> None:
    x, y = wanted["axes"]
    for exact_viewport in (False, True) if wanted.get("also") == "exact_viewport" else (False,):
        _, counts, receipt = _frame(product, got, {"x": x, "y": y}, exact_viewport=exact_viewport)
        unplaced = {name: int(count) for name, count in receipt.get("unplaced", {}).items()}
        if "rows" in wanted:
            assert counts["count"] == wanted["rows"]
        if "rows_and_reported" in wanted:
            reported = sum(unplaced.get(name, 0) for name in ("missing", "infinite", "outOfRange"))
            assert counts["count"] + reported == wanted["rows_and_reported"]
        if "reported_not_finite" in wanted:
            assert unplaced.get("infinite", 0) == wanted["reported_not_finite"]


def _check_as_category(product: Product, got: Imported, wanted: Mapping[str, Mapping[str, int]]) -> None:
    for name, rows in wanted.items():
        labels = [category["label"] for category in got.columns[name]["categories"]]
        _, counts, _ = _frame(product, got, {"category": name})
        assert {label: counts.get(f"category {place}", 0) for place, label in enumerate(labels)} == rows


def _frame(
    product: Product, got: Imported, options: Mapping[str, str], *, exact_viewport: bool = False
) -> tuple[dict[str, Any], dict[str, int], dict[str, Any]]:
    """What was opened over the whole extent, the sums of the planes of its frame, and the receipt."""
    with signed_in(product) as socket:
        open_view(socket, 1, dataset=got.slug, options=dict(options))
        opened = receive(socket, "opened")
        send(socket, close={"viewId": 1})
        # A view of its own, so that its frame holds all of its pieces.
        viewport = {"width": 300, "height": 200, "extent": opened["whole"], "exactViewport": exact_viewport}
        open_view(socket, 2, dataset=got.slug, options=dict(options), viewport=viewport)
        sums: dict[str, int] = {}
        while True:
            frame = receive(socket, "frame")
            if frame["viewId"] != 2:
                continue
            for piece in frame.get("pieces", ()):
                _add(sums, json_format.ParseDict(piece, frame_pb2.Piece()))
            if frame["status"] == "FRAME_STATUS_EXACT":
                return opened, sums, frame["receipt"]


def _add(sums: dict[str, int], piece: frame_pb2.Piece) -> None:
    for plane in piece.planes:
        is_category = plane.role == frame_pb2.PLANE_ROLE_CATEGORY
        name = f"category {plane.category}" if is_category else frame_pb2.PlaneRole.Name(plane.role)[11:].lower()
        sums[name] = sums.get(name, 0) + int(decode(plane, piece.width, piece.height).sum())
