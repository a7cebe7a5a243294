"""The Rows call: one page of rows, read in a slot like a picture, as replies."""

from __future__ import annotations

import asyncio
import contextvars
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from halftone.v1 import compute_pb2, frame_pb2, rows_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.telemetry import current_trace_id
from halftone_views.plan import ENGINE_REVISION

from halftone_compute.backends.base import Cancel
from halftone_compute.rows.arrow import arrow_of
from halftone_compute.rows.messages import messages_of
from halftone_compute.rows.pages import page_of
from halftone_compute.rows.question import rows_question
from halftone_compute.rows.summary import summary_of
from halftone_compute.serve.draw import chunks

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from halftone_servicekit.tokens import Grant

    from halftone_compute.render.shared import Slots
    from halftone_compute.rows.pages import Page
    from halftone_compute.rows.question import RowsQuestion
    from halftone_compute.store.base import OpenRows

Made = TypeVar("Made")


class RowReads:
    """Reads pages of rows in `threads`, each in one of the `slots` that pictures take too. For one event loop."""

    def __init__(self, slots: Slots, threads: Executor) -> None:
        self._slots = slots
        self._threads = threads

    async def replies(
        self, request: compute_pb2.RowsRequest, grant: Grant, version: OpenRows
    ) -> list[compute_pb2.RowsReply]:
        """Every reply, in order. Raises the HalftoneError of what is wrong with the request, of the work, or
        `overloaded`; cancelling ends the work.
        """
        question = rows_question(request, version)
        async with self._slots.slot(grant.subject):
            return await self._in_thread(partial(_replies, question, grant))

    async def summary(
        self, request: compute_pb2.DescribeRequest, grant: Grant, version: OpenRows
    ) -> rows_pb2.RegionSummary:
        """What lies in the ranges of a request. Raises likewise."""
        question = rows_question(_as_rows(request, version), version)
        async with self._slots.slot(grant.subject):
            return await self._in_thread(partial(summary_of, question))

    async def _in_thread(self, work_with: Callable[[Cancel], Made]) -> Made:
        cancel, context = Cancel(), contextvars.copy_context()
        work = asyncio.get_running_loop().run_in_executor(self._threads, lambda: context.run(work_with, cancel))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            # The slot is given back when the thread is free.
            cancel.set()
            await asyncio.wait((work,))
            _forget(work)
            raise


def _as_rows(request: compute_pb2.DescribeRequest, version: OpenRows) -> compute_pb2.RowsRequest:
    """The rows that a summary is of. Raises `unsupported_type` for a text that is named."""
    names = [name for name, column in version.columns.items() if column.type != "text"]
    for name in request.columns:
        if name in version.columns and name not in names:
            raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, f"{name} is text, which has no summary.", "columns")
    columns = list(request.columns) or names
    return compute_pb2.RowsRequest(ranges=request.ranges, columns=columns, limit=1, format=rows_pb2.ROWS_FORMAT_CELLS)


def _forget(work: asyncio.Future[Made]) -> None:
    if not work.cancelled():
        work.exception()


def _replies(question: RowsQuestion, grant: Grant, cancel: Cancel) -> list[compute_pb2.RowsReply]:
    page = page_of(question, cancel)
    if question.format == rows_pb2.ROWS_FORMAT_ARROW:
        stream = arrow_of(page, question.version.columns)
        replies = [compute_pb2.RowsReply(arrow=chunk) for chunk in chunks(stream)]
    else:
        replies = [compute_pb2.RowsReply(cells=cells) for cells in messages_of(page)]
    return [*replies, compute_pb2.RowsReply(end=_end(page, question, grant))]


def _end(page: Page, question: RowsQuestion, grant: Grant) -> compute_pb2.RowsEnd:
    receipt = frame_pb2.Receipt(
        version_id=question.version.version_id,
        policy_hash=grant.policy_hash,
        backend="cpu",
        engine_revision=ENGINE_REVISION,
        rows_scanned=page.rows_read,
        stages=[frame_pb2.Stage(name="rows", ms=page.ms)],
        trace_id=current_trace_id(),
        fraction=1.0,
    )
    return compute_pb2.RowsEnd(matching=page.matching, numbers=page.numbers.tolist(), receipt=receipt)
