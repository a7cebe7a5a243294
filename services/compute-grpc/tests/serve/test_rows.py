"""Rows against a real server on a real socket, with real grants."""

import asyncio
import threading
from typing import Any

import grpc
import numpy as np
import pyarrow as pa
import pytest
from compute_rig.client import code_in
from compute_rig.rig import Rig, Serving
from compute_rig.waiting import PATIENCE_S, until
from halftone.v1 import compute_pb2, compute_pb2_grpc, rows_pb2
from halftone_compute import metrics
from halftone_compute.backends.base import Cancel
from halftone_compute.rows.question import MOST_ROWS
from typing_extensions import override

RNG = np.random.default_rng(5)
ROWS = {"x": RNG.normal(size=40_000), "y": RNG.normal(size=40_000), "v": RNG.integers(-50, 50, 40_000).astype("i2")}
X = compute_pb2.Axis(column="x", transform=compute_pb2.TRANSFORM_LINEAR)


def request(serving: Serving, **fields: Any) -> compute_pb2.RowsRequest:  # noqa: ANN401 - passed on as they are
    return compute_pb2.RowsRequest(
        **{"grant": serving.signer.grant(), "limit": 50, "format": rows_pb2.ROWS_FORMAT_ARROW, **fields}
    )


async def replies(
    serving: Serving, message: compute_pb2.RowsRequest, seconds: float | None = PATIENCE_S
) -> list[compute_pb2.RowsReply]:
    call = compute_pb2_grpc.ComputeStub(serving.channel).Rows(message, timeout=seconds)
    return [reply async for reply in call]


async def refusal(serving: Serving, message: compute_pb2.RowsRequest, seconds: float | None = PATIENCE_S) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await replies(serving, message, seconds)
    return code_in(caught.value.trailing_metadata())


async def test_arrow_comes_in_slices(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS)
    *slices, last = await replies(serving, request(serving, limit=MOST_ROWS))
    table = pa.ipc.open_stream(b"".join(reply.arrow for reply in slices)).read_all()
    np.testing.assert_array_equal(table["x"], ROWS["x"][:MOST_ROWS])
    assert table["v"].type == pa.int16()
    assert list(last.end.numbers) == list(range(MOST_ROWS))
    assert last.end.matching == 40_000
    assert max(reply.ByteSize() for reply in slices) <= (1 << 20) + 8


async def test_cells_of_a_sorted_region(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS)
    within = [compute_pb2.RowRange(axis=X, low=3.0)]
    asked = request(
        serving,
        format=rows_pb2.ROWS_FORMAT_CELLS,
        ranges=within,
        columns=["v", "x"],
        sort=rows_pb2.RowSort(column="x", descending=True),
    )
    cells, last = await replies(serving, asked)
    expected = [number for number in np.argsort(-ROWS["x"]).tolist() if ROWS["x"][number] >= 3]
    assert [row.number for row in cells.cells.rows] == expected[:50]
    assert [row.cells[1].number for row in cells.cells.rows] == ROWS["x"][expected[:50]].tolist()
    assert [row.cells[0].integer for row in cells.cells.rows] == ROWS["v"][expected[:50]].tolist()
    assert last.end.matching == len(expected)
    assert last.end.receipt.rows_scanned == 40_000
    assert last.end.receipt.version_id


async def test_what_is_refused(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS)
    assert await refusal(serving, request(serving, limit=0)) == "param_out_of_range"
    assert await refusal(serving, request(serving, grant="")) == "auth_required"
    assert await refusal(serving, request(serving, grant=serving.signer.grant(lifetime=-60))) == "token_expired"
    other = serving.signer.grant(version="0191f6a0-0000-7000-8000-0000000000ff")
    assert await refusal(serving, request(serving, grant=other)) == "version_gone"
    narrow = serving.signer.grant(columns=["x"])
    assert await refusal(serving, request(serving, grant=narrow, columns=["v"])) == "unknown_column"
    sort = rows_pb2.RowSort(column="v")
    assert await refusal(serving, request(serving, grant=narrow, sort=sort)) == "unknown_column"
    assert await refusal(serving, request(serving), seconds=None) == "param_invalid"


async def test_a_call_that_ends_gives_its_slot_back(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled: list[bool] = []

    class Watched(Cancel):
        @override
        def set(self) -> None:
            super().set()
            cancelled.append(True)

    monkeypatch.setattr("halftone_compute.serve.rows.Cancel", Watched)
    version = rig.put(ROWS, block_rows=1000, gate=threading.Event())
    assert version.gate is not None
    async with rig.serving(compute_slots=1, compute_user_queue=1) as serving:
        asked = request(serving, sort=rows_pb2.RowSort(column="x"))
        held = asyncio.create_task(replies(serving, asked))
        await until(lambda: version.passes == 1)
        waiting = asyncio.create_task(replies(serving, asked))
        await until(lambda: metrics.QUEUE_WAITING._value.get() == 1)
        assert await refusal(serving, asked) == "overloaded"
        held.cancel()
        await until(lambda: cancelled)
        version.gate.set()
        assert (await waiting)[-1].end.matching == 40_000
        # The first page was given up before its rows were read.
        assert version.blocks_read < 2 * 40


async def test_a_region_is_described(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS)
    stub = compute_pb2_grpc.ComputeStub(serving.channel)
    asked: dict[str, Any] = {
        "grant": serving.signer.grant(),
        "ranges": [compute_pb2.RowRange(axis=X, low=0.5, high=1.5)],
    }
    reply = await stub.Describe(compute_pb2.DescribeRequest(**asked), timeout=PATIENCE_S)
    inside = (ROWS["x"] >= 0.5) & (ROWS["x"] < 1.5)
    assert reply.region.matching == inside.sum()
    assert [column.name for column in reply.region.columns] == ["x", "y", "v"]
    assert reply.region.columns[2].mean == pytest.approx(ROWS["v"][inside].mean(), rel=1e-12)
    assert reply.region.columns[1].max == ROWS["y"][inside].max()
    whole = await stub.Describe(compute_pb2.DescribeRequest(grant=serving.signer.grant()), timeout=PATIENCE_S)
    assert not whole.HasField("region")
    refused: list[tuple[dict[str, Any], str]] = [
        ({"columns": ["w"]}, "unknown_column"),
        ({"columns": ["s"]}, "unsupported_type"),
    ]
    for fields, code in refused:
        rig.put({**ROWS, "s": ROWS["v"]}, types={"s": "text"})
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Describe(compute_pb2.DescribeRequest(**asked, **fields), timeout=PATIENCE_S)
        assert code_in(caught.value.trailing_metadata()) == code
