"""A version from before there was an index opens, and a real server draws of it what it draws of one with an index. A
real stream brings pieces of a sample and progress before the exact ones.
"""

from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from compute_rig.imported import asked, imported
from compute_rig.stored import DATASET, VERSION
from compute_rig.waiting import PATIENCE_S, until
from halftone.v1 import compute_pb2, compute_pb2_grpc, frame_pb2
from halftone_compute.store.versions import LocalStore
from halftone_wire import decode_piece

if TYPE_CHECKING:
    from pathlib import Path

    from compute_rig.rig import Rig, Serving
    from compute_rig.stored import Made

ROWS = 70_000
RNG = np.random.default_rng(21)
TABLE = {
    "x": RNG.random(ROWS, np.float32),
    "y": RNG.random(ROWS),
    "v": RNG.integers(-9, 99, ROWS, np.int16),
    "k": RNG.choice(["a", "b", "c"], ROWS),
}
LINE = {"x": np.linspace(0, 0.999, 1000), "y": np.linspace(0, 0.999, 1000)}
EXTENT = frame_pb2.Extent(x0=0, x1=1, y0=0, y1=1)
TILES = frame_pb2.Viewport(extent=EXTENT, width=256, height=256)
EXACT = frame_pb2.Viewport(extent=EXTENT, width=80, height=60, exact_viewport=True)
AXES = {"x": "x", "y": "y"}
VALUE = {**AXES, "value": "v"}
ASKS: dict[str, compute_pb2.DrawRequest] = {
    "opening": asked("points", frame_pb2.Viewport(width=800, height=600), {}),
    "count": asked("points", TILES, AXES),
    "sum": asked("points", EXACT, {**VALUE, "reduction": "sum"}),
    "least": asked("points", TILES, {**VALUE, "reduction": "min"}),
    "first": asked("points", EXACT, {**VALUE, "reduction": "first"}),
    "last": asked("points", EXACT, {**VALUE, "reduction": "last"}),
    "by category": asked("points", EXACT, {**AXES, "category": "k"}),
    "histogram": asked("histogram", EXACT, {"x": "v"}),
}
# What manifests of the first format did not say.
LATER = ("reading", "unreadable", "index")
LATER_OF_COLUMNS = (
    *("unit", "time_unit", "infinite", "out_of_range", "unreadable", "typical_min", "typical_max", "least_positive"),
)


def age(made: Made) -> None:
    """Takes from the manifest what earlier releases did not write."""
    path = made.file("manifest.json")
    body = {key: value for key, value in json.loads(path.read_bytes()).items() if key not in (*LATER, "checksum")}
    for column in body["columns"]:
        for key in LATER_OF_COLUMNS:
            column.pop(key, None)
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    path.write_text(json.dumps({**body, "checksum": hashlib.sha256(canonical.encode()).hexdigest()}))


async def drawn(serving: Serving, made: Made, ask: compute_pb2.DrawRequest) -> tuple[list[np.ndarray], Any]:
    grant = serving.signer.grant(dataset=DATASET, version=VERSION, manifest=made.manifest)
    request = compute_pb2.DrawRequest(grant=grant)
    request.MergeFrom(ask)
    stub = compute_pb2_grpc.ComputeStub(serving.channel)
    *pieces, last = [reply async for reply in stub.Draw(request, timeout=PATIENCE_S)]
    # Those that are stored come first.
    found = sorted((decode_piece(reply.piece) for reply in pieces), key=lambda piece: piece.piece_id)
    return [plane.cells for piece in found for plane in piece.planes], last.receipt


async def answers(rig: Rig, made: Made) -> dict[str, tuple[list[np.ndarray], Any]]:
    rig.store = LocalStore(made.root)  # type: ignore[assignment]  # another store, as a server has it
    async with rig.serving() as serving:
        return {name: await drawn(serving, made, ask) for name, ask in ASKS.items()}


@pytest.mark.parametrize("aged", [False, True], ids=["without an index", "of the first format"])
async def test_it_draws_what_an_ordered_version_draws(rig: Rig, tmp_path: Path, aged: bool) -> None:
    before, ordered = (imported(tmp_path / name, TABLE, ordered=name == "new") for name in ("old", "new"))
    if aged:
        age(before)
    version = LocalStore(before.root).open(before.grant())
    assert (version.index, version.rows, list(version.columns)) == (None, ROWS, list(TABLE))
    found, expected = await answers(rig, before), await answers(rig, ordered)
    assert expected["count"][1].tiles_read > 0
    for name in ASKS.keys() - ({"opening"} if aged else set()):
        (pieces, receipt), (same, _) = found[name], expected[name]
        assert receipt.tiles_read == 0
        assert receipt.unplaced == expected[name][1].unplaced
        assert len(pieces) == len(same) > 0
        for cells, others in zip(pieces, same, strict=True):
            np.testing.assert_array_equal(cells, others)
    assert sum(int(cells.sum()) for cells in found["opening"][0]) > 0


async def test_a_sample_comes_first_only_where_it_is_asked_for(
    rig: Rig, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halftone_compute.render.sampled.FEW_ROWS", 100)
    rig.put(LINE).with_sample(200)
    client = serving.client()
    first = await client.run(1, approximate=True)
    assert first.order == ["sampled", "pieces", "done"]
    [part] = first.sampled
    assert (part.fraction, [piece.stands_for for piece in part.pieces]) == (0.2, [first.pieces[0].piece_id])
    own = frame_pb2.Piece.FromString(part.pieces[0].piece)
    assert (own.piece_id, own.fraction) == (part.pieces[0].piece_id, 0.2)
    assert own.address == first.pieces[0].address
    assert first.grid().sum() == 1000
    plain = await client.run(2)
    assert plain.order == ["pieces", "done"]
    assert plain.pieces == first.pieces


async def test_cancelled_after_the_sample_there_is_no_more(
    rig: Rig, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halftone_compute.render.sampled.FEW_ROWS", 100)
    gate = threading.Event()
    rig.put(LINE, gate=gate, block_rows=10).with_sample(200)
    client = serving.client()
    await client.ask(1, approximate=True)
    reply = await client.call.read()
    assert isinstance(reply, compute_pb2.RenderReply)
    assert reply.HasField("sampled")
    await client.cancel(1)
    answered = await client.answer(1)
    assert answered.failure is not None
    assert (answered.failure.code, answered.pieces) == ("cancelled", [])
    gate.set()
    await until(lambda: serving.is_idle)


async def test_progress_is_said_while_rows_are_read(
    rig: Rig, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halftone_compute.render.shared.PROGRESS_S", 0.001)
    monkeypatch.setattr("halftone_compute.render.read.rows.BLOCK_ROWS", 10)
    gate = threading.Event()
    rig.put(LINE, gate=gate, block_rows=10)
    client = serving.client()
    await client.ask(1, approximate=True)
    await until(lambda: serving.server._scans._by_piece)
    [scan] = set(serving.server._scans._by_piece.values())
    await until(lambda: scan.has_begun)
    scan.cancel.advance(0.25)
    reply = await client.call.read()
    assert isinstance(reply, compute_pb2.RenderReply)
    assert reply.progress.share == 0.25
    gate.set()
    answered = await client.answer(1)
    assert answered.done is not None
    assert all(0 < share < 1 for share in answered.progress)
