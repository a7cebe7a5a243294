"""Draw and Describe against a real server on a real socket, with real grants; bad calls of every method."""

import asyncio
import io
import threading
from typing import Any

import datashader as ds
import grpc
import numpy as np
import pandas as pd
import pytest
from compute_rig.client import code_in, tiles
from compute_rig.drawing import draw_request, drawn, file_of
from compute_rig.memory import MemoryVersion
from compute_rig.rig import Rig, Serving
from compute_rig.waiting import PATIENCE_S, until
from halftone.v1 import compute_pb2, compute_pb2_grpc, frame_pb2
from halftone_compute import metrics
from halftone_servicekit.tokens import Grant
from PIL import Image

RNG = np.random.default_rng(5)
ROWS = {
    "x": RNG.normal(size=4000).astype("f4"),
    "y": RNG.normal(size=4000),
    "v": RNG.integers(-50, 50, 4000).astype("i2"),
    "c": RNG.integers(0, 3, 4000).astype(np.int32),
}
EXTENT = frame_pb2.Extent(x0=-2, x1=2, y0=-1.5, y1=1.5)
VIEWPORT = frame_pb2.Viewport(extent=EXTENT, width=80, height=60)
POINTS = {"x": "x", "y": "y"}


def request(serving: Serving, form: str, **changes: Any) -> compute_pb2.DrawRequest:  # noqa: ANN401 - passed on
    return draw_request(serving, form, **{"options": POINTS, "viewport": VIEWPORT, **changes})


async def file(serving: Serving, message: compute_pb2.DrawRequest) -> bytes:
    return file_of(await drawn(serving, message))


@pytest.mark.parametrize(
    ("options", "reduction"),
    [
        ({}, ds.count()),
        ({"reduction": "any"}, ds.any()),
        ({"reduction": "sum", "value": "v"}, ds.sum("v")),
        ({"reduction": "mean", "value": "v"}, ds.mean("v")),
        ({"reduction": "min", "value": "v"}, ds.min("v")),
        ({"reduction": "max", "value": "v"}, ds.max("v")),
        ({"reduction": "std", "value": "v"}, ds.std("v")),
        ({"reduction": "var", "value": "v"}, ds.var("v")),
        ({"category": "c"}, ds.by("c", ds.count())),
    ],
    ids=lambda value: str(value),
)
async def test_npy_is_datashader_at_the_viewport(
    rig: Rig, serving: Serving, options: dict[str, object], reduction: ds.reductions.Reduction
) -> None:
    rig.put(ROWS, types={"c": "category"})
    grid = np.load(io.BytesIO(await file(serving, request(serving, "NPY", options={**POINTS, **options}))))
    frame = pd.DataFrame({**ROWS, "c": pd.Categorical.from_codes(ROWS["c"], dtype=pd.CategoricalDtype([0, 1, 2]))})
    expected = ds.Canvas(80, 60, (-2, 2), (-1.5, 1.5)).points(frame, "x", "y", reduction).data
    assert grid.dtype in (np.uint32, np.float64)
    np.testing.assert_allclose(grid, expected, rtol=1e-12)


async def test_png_shows_the_same_cells(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS, types={"c": "category"})
    grid = np.load(io.BytesIO(await file(serving, request(serving, "NPY"))))
    picture = Image.open(io.BytesIO(await file(serving, request(serving, "PNG", colormap="inferno"))))
    np.testing.assert_array_equal(np.asarray(picture)[::-1, :, 3] > 0, grid > 0)


async def test_pieces_are_tiles_or_the_whole_viewport(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS, types={"c": "category"})
    *pieces, receipt = await drawn(serving, request(serving, "PIECES"))
    assert receipt.receipt.pieces_total == len(pieces) == 4
    assert all(reply.piece.HasField("address") for reply in pieces)
    exact = frame_pb2.Viewport(extent=EXTENT, width=80, height=60, exact_viewport=True)
    piece, _ = await drawn(serving, request(serving, "PIECES", viewport=exact))
    assert (piece.piece.width, piece.piece.height) == (80, 60)
    assert not piece.piece.HasField("address")
    assert piece.piece.extent == EXTENT


async def test_histogram_has_one_row(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS, types={"c": "category"})
    asked: dict[str, Any] = {"kind": "histogram", "options": {"x": "x"}}
    grid = np.load(io.BytesIO(await file(serving, request(serving, "NPY", **asked))))
    inside = ROWS["x"][(ROWS["x"] >= -2) & (ROWS["x"] <= 2)]
    assert grid.shape == (1, 80)
    np.testing.assert_array_equal(grid[0], np.histogram(inside, 80, (-2, 2))[0])
    picture = Image.open(io.BytesIO(await file(serving, request(serving, "PNG", **asked))))
    assert picture.size == (80, 256)
    *pieces, _ = await drawn(serving, request(serving, "PIECES", **asked))
    assert {(reply.piece.width, reply.piece.height) for reply in pieces} == {(256, 1)}


async def test_a_line_has_four_numbers_a_column_and_is_as_high_as_asked(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS, types={"c": "category"})
    asked: dict[str, Any] = {"kind": "line", "options": {"x": "x", "y": "v"}}
    grid = np.load(io.BytesIO(await file(serving, request(serving, "NPY", **asked))))
    frame = pd.DataFrame({name: ROWS[name].astype(np.float64) for name in ("x", "v")})
    frame = frame[(frame["x"] >= -2) & (frame["x"] <= 2)].sort_values("x", kind="stable")
    frame["column"] = np.minimum((frame["x"] + 2) * 20, 79).astype(int)
    expected = frame.groupby("column")["v"].agg(["first", "last", "min", "max"])
    np.testing.assert_array_equal(grid, [expected])
    picture = np.asarray(Image.open(io.BytesIO(await file(serving, request(serving, "PNG", **asked)))))
    assert picture.shape == (60, 80, 4)
    assert (picture[:, :, 3] > 0).any(axis=0).all()
    steps = {**asked, "options": {**asked["options"], "x": "v", "y": "x", "reduction": "mean", "category": "c"}}
    assert np.load(io.BytesIO(await file(serving, request(serving, "NPY", **steps)))).shape == (1, 80, 3)


async def test_steps_have_a_number_each_and_are_as_long_as_there_is_room(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS, types={"c": "category"})
    view = frame_pb2.Viewport(width=90, height=60)
    asked: dict[str, Any] = {"viewport": view, "kind": "bars", "options": {"x": "c", "reduction": "mean", "value": "x"}}
    grid = np.load(io.BytesIO(await file(serving, request(serving, "NPY", **asked))))
    means = pd.DataFrame({"c": ROWS["c"], "x": ROWS["x"].astype(np.float64)}).groupby("c")["x"].mean()
    np.testing.assert_allclose(grid, [means], rtol=1e-12)
    picture = Image.open(io.BytesIO(await file(serving, request(serving, "PNG", **asked))))
    assert picture.size == (90, 256)
    bars = (np.asarray(picture)[:, :, 3] > 0).T.reshape(3, 30, 256)
    assert (bars == bars[:, :1]).all()
    ranked = {**asked, "options": {**asked["options"], "order": "greatest", "top": 1}}
    first, *_, last = await drawn(serving, request(serving, "NPY", **ranked))
    best = int(means.to_numpy().argmax())
    assert (list(first.steps), last.x.ranked, [step.label for step in last.x.steps][3]) == ([best, 3], 2, "Other (2)")
    others = ROWS["x"][ROWS["c"] != best].astype(np.float64).mean()
    np.testing.assert_allclose(np.load(io.BytesIO(first.chunk)), [[means.max(), others]], rtol=1e-12)
    asked = {**asked, "kind": "heatmap", "options": {"x": "c", "y": "c"}}
    grid = np.load(io.BytesIO(await file(serving, request(serving, "NPY", **asked))))
    np.testing.assert_array_equal(grid, np.diag(np.bincount(ROWS["c"])))
    picture = Image.open(io.BytesIO(await file(serving, request(serving, "PNG", **asked))))
    assert picture.size == (90, 60)
    assert (np.asarray(picture)[:, :, 3] > 0).mean() == pytest.approx(1 / 3)
    piece, last = await drawn(serving, request(serving, "PIECES", **asked))
    assert (piece.piece.extent.x1, len(last.x.steps), last.x.column) == (256, 3, "c")


async def test_without_extent_the_whole_data_is_drawn(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS, types={"c": "category"})
    message = request(serving, "NPY", viewport=frame_pb2.Viewport(width=30, height=20), options={})
    assert np.load(io.BytesIO(await file(serving, message))).sum() == 4000


async def test_a_large_file_comes_in_slices(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS, types={"c": "category"})
    wide = frame_pb2.Viewport(extent=EXTENT, width=4096, height=2048)
    replies = await drawn(serving, request(serving, "NPY", viewport=wide))
    assert len(replies) > 30
    grid = np.load(io.BytesIO(b"".join(reply.chunk for reply in replies)))
    assert grid.shape == (2048, 4096)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"grant": ""}, "UNAUTHENTICATED", "auth_required"),
        ({"grant": "a.b"}, "UNAUTHENTICATED", "token_invalid"),
        ({"kind": "nope"}, "INVALID_ARGUMENT", "unknown_kind"),
        ({"kind": "../../etc"}, "INVALID_ARGUMENT", "unknown_kind"),
        ({"options": {"nope": 1}}, "INVALID_ARGUMENT", "unknown_field"),
        ({"options": {"x": "nope"}}, "INVALID_ARGUMENT", "unknown_column"),
        ({"options": {"x": float("nan")}}, "INVALID_ARGUMENT", "param_invalid"),
        ({"options": {"reduction": "median"}}, "INVALID_ARGUMENT", "unknown_agg"),
        ({"format": 0}, "INVALID_ARGUMENT", "param_invalid"),
        ({"format": 999}, "INVALID_ARGUMENT", "param_invalid"),
        ({"colormap": "jet"}, "INVALID_ARGUMENT", "unknown_colormap"),
        ({"normalisation": "cube"}, "INVALID_ARGUMENT", "param_invalid"),
        ({"viewport": frame_pb2.Viewport(extent=EXTENT)}, "OUT_OF_RANGE", "param_out_of_range"),
        ({"viewport": frame_pb2.Viewport(extent=EXTENT, width=2**32 - 1, height=1)}, "OUT_OF_RANGE", None),
        ({"viewport": frame_pb2.Viewport(extent=EXTENT, width=4096, height=4096)}, "OUT_OF_RANGE", None),
        (
            {"viewport": frame_pb2.Viewport(extent=frame_pb2.Extent(x0=float("nan"), x1=1, y1=1), width=1, height=1)},
            "INVALID_ARGUMENT",
            "param_invalid",
        ),
        (
            {"viewport": frame_pb2.Viewport(extent=frame_pb2.Extent(x0=1, x1=1, y1=1), width=1, height=1)},
            "INVALID_ARGUMENT",
            "param_invalid",
        ),
    ],
)
async def test_bad_drawings(rig: Rig, serving: Serving, changes: dict[str, Any], status: str, code: str | None) -> None:
    rig.put(ROWS, types={"c": "category"})
    message = request(serving, "NPY", **{k: v for k, v in changes.items() if k != "format"})
    if "format" in changes:
        message.format = changes["format"]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await drawn(serving, message)
    assert caught.value.code() is grpc.StatusCode[status]
    assert code is None or code_in(caught.value.trailing_metadata()) == code
    assert (await drawn(serving, request(serving, "PIECES")))[-1].receipt.pieces_total == 4


async def test_grants_of_draw(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS, types={"c": "category"})
    for claims, status in (
        ({"lifetime": -60}, grpc.StatusCode.UNAUTHENTICATED),
        ({"purpose": "export"}, grpc.StatusCode.PERMISSION_DENIED),
        ({"version": "0191f6a0-0000-7000-8000-0000000000ff"}, grpc.StatusCode.FAILED_PRECONDITION),
        ({"columns": ["x"]}, grpc.StatusCode.INVALID_ARGUMENT),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await drawn(serving, request(serving, "NPY", grant=serving.signer.grant(**claims)))
        assert caught.value.code() is status


async def test_describe_tells_of_the_readable_columns(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS, types={"c": "category"})
    stub = compute_pb2_grpc.ComputeStub(serving.channel)
    grant = serving.signer.grant(columns=["x", "c"])
    reply = await stub.Describe(compute_pb2.DescribeRequest(grant=grant), timeout=PATIENCE_S)
    assert reply.rows == 4000
    assert [column.name for column in reply.columns] == ["x", "c"]
    assert reply.columns[0].min == ROWS["x"].min()
    reply = await stub.Describe(compute_pb2.DescribeRequest(grant=grant, columns=["c", "c"]), timeout=PATIENCE_S)
    assert [column.name for column in reply.columns] == ["c"]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Describe(compute_pb2.DescribeRequest(grant=grant, columns=["y"]), timeout=PATIENCE_S)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert code_in(caught.value.trailing_metadata()) == "unknown_column"


@pytest.mark.parametrize(
    ("kind", "options", "label", "axes"),
    [
        ("points", {"x": "x", "y": "y", "reduction": "mean", "value": "x"}, "Mean of x", ("x", "y")),
        ("points", {"x": "x", "y": "y", "category": "c"}, "Rows by c", ("x", "y")),
        ("histogram", {"x": "y"}, "Rows", ("y", "")),
    ],
)
async def test_the_last_reply_says_what_the_picture_shows(
    rig: Rig, serving: Serving, kind: str, options: dict[str, str], label: str, axes: tuple[str, str]
) -> None:
    rig.put(ROWS, types={"c": "category"})
    *others, last = await drawn(serving, request(serving, "NPY", kind=kind, options=options))
    assert last.quantity.label == label
    assert (last.x.column, last.y.column) == axes
    assert last.HasField("y") == bool(axes[1])
    assert not any(reply.HasField("quantity") for reply in others)


@pytest.mark.parametrize("method", ["Draw", "Describe"])
async def test_a_deadline_is_needed(rig: Rig, serving: Serving, method: str) -> None:
    rig.put(ROWS)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await serving.raw(f"/halftone.v1.Compute/{method}", b"", deadline=None)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert code_in(caught.value.trailing_metadata()) == "param_invalid"


def nested(depth: int) -> bytes:
    """A Draw request whose options nest this deep, in the bytes of the wire."""
    struct = b""
    for _ in range(depth):
        # A Struct with one field "a", whose Value is the struct so far.
        value = b"\x2a" + varint(len(struct)) + struct
        entry = b"\x0a\x01a\x12" + varint(len(value)) + value
        struct = b"\x0a" + varint(len(entry)) + entry
    return b"\x1a" + varint(len(struct)) + struct


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


@pytest.mark.parametrize(
    ("method", "raw"),
    [
        ("Draw", b"\xff\xff\xff\xff"),
        ("Draw", nested(200)),
        ("Draw", b"\x0a\x04\xff\xfe\xfd\xfc"),
        ("Describe", b"\xff\xff\xff\xff"),
        ("Describe", b"\x0b"),
    ],
)
async def test_bytes_that_are_no_message_are_invalid(rig: Rig, serving: Serving, method: str, raw: bytes) -> None:
    rig.put(ROWS, types={"c": "category"})
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await serving.raw(f"/halftone.v1.Compute/{method}", raw)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert code_in(caught.value.trailing_metadata()) == "bad_message"
    assert (await drawn(serving, request(serving, "PIECES")))[-1].receipt.pieces_total == 4


async def test_a_request_over_1_mib_is_refused_before_it_is_read(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS, types={"c": "category"})
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await drawn(serving, request(serving, "NPY", kind="x" * (5 << 20)))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (await drawn(serving, request(serving, "PIECES")))[-1].receipt.pieces_total == 4


async def test_unknown_methods_and_huge_metadata(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS, types={"c": "category"})
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await serving.raw("/halftone.v1.Compute/Nope", b"")
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    stub = compute_pb2_grpc.ComputeStub(serving.channel)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Describe(compute_pb2.DescribeRequest(), timeout=PATIENCE_S, metadata=(("big", "x" * 20_000),))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (await drawn(serving, request(serving, "PIECES")))[-1].receipt.pieces_total == 4


async def test_a_short_deadline_ends_the_work(rig: Rig, serving: Serving) -> None:
    gate = threading.Event()
    version = rig.put(ROWS, types={"c": "category"}, gate=gate, block_rows=100)
    stub = compute_pb2_grpc.ComputeStub(serving.channel)
    timeout = 0.001
    # Until one was long enough for the work to begin.
    while not version.passes:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            [reply async for reply in stub.Draw(request(serving, "NPY"), timeout=timeout)]
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        timeout = max(0.1, 2 * timeout)
    await until(lambda: serving.is_idle)
    gate.set()
    await until(lambda: metrics.SLOTS_BUSY._value.get() == 0)
    assert version.blocks_read <= 2


async def test_a_long_deadline_is_capped(rig: Rig, serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halftone_compute.serve.servicer.MAX_DEADLINE_MS", 100)
    gate = threading.Event()
    rig.put(ROWS, types={"c": "category"}, gate=gate)
    stub = compute_pb2_grpc.ComputeStub(serving.channel)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async with asyncio.timeout(PATIENCE_S / 2):
            [reply async for reply in stub.Draw(request(serving, "NPY"), timeout=3600)]
    gate.set()
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert code_in(caught.value.trailing_metadata()) == "deadline_exceeded"


async def test_a_caller_that_goes_away_frees_its_work(rig: Rig, serving: Serving) -> None:
    gate = threading.Event()
    version = rig.put(ROWS, types={"c": "category"}, gate=gate, block_rows=100)
    call = compute_pb2_grpc.ComputeStub(serving.channel).Draw(request(serving, "NPY"), timeout=PATIENCE_S)
    await until(lambda: version.passes == 1)
    call.cancel()
    await until(lambda: serving.is_idle)
    gate.set()
    await until(lambda: metrics.SLOTS_BUSY._value.get() == 0)
    assert version.blocks_read <= 2


async def test_the_newest_ask_wins_however_long_it_took_to_open_the_version_of_an_older_one(
    rig: Rig, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, late = threading.Event(), threading.Event()
    version = rig.put(ROWS, gate=gate)
    open_now = rig.store.open

    def open_late(grant: Grant) -> MemoryVersion:
        if grant.subject == "late":
            late.wait(PATIENCE_S)
        return open_now(grant)

    monkeypatch.setattr(rig.store, "open", open_late)
    client = serving.client()
    for request_id in (1, 2):
        await client.ask(request_id, tiles=tiles((request_id, 0)))
    await until(lambda: version.passes == 2)
    await client.ask(3, tiles=tiles((3, 0)), view_key="view", grant=serving.signer.grant(sub="late"))
    await client.ask(4, tiles=tiles((4, 0)), view_key="view")
    await until(lambda: metrics.QUEUE_WAITING._value.get() == 1)
    late.set()
    failed = (await client.answer(3)).failure
    assert failed is not None
    assert failed.code == "cancelled"
    gate.set()
    assert (await client.answer(4)).done


async def test_overload_tells_when_to_retry(rig: Rig) -> None:
    gate = threading.Event()
    version = rig.put(ROWS, types={"c": "category"}, gate=gate)
    async with rig.serving(compute_queue=1) as serving:
        client = serving.client()
        for request_id in (1, 2, 3):
            await client.ask(request_id, tiles=tiles((request_id, 0)))
        await until(lambda: version.passes == 2 and metrics.QUEUE_WAITING._value.get() == 1)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await drawn(serving, request(serving, "NPY"))
        gate.set()
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert int(str(dict(caught.value.trailing_metadata())["grpc-retry-pushback-ms"])) > 0
