"""The Rows call: one page of rows, read in a slot like a picture, as replies."""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING

from halftone.v1 import compute_pb2, frame_pb2, rows_pb2
from halftone_servicekit.telemetry import current_trace_id
from halftone_views.plan import ENGINE_REVISION

from halftone_compute.backends.base import Cancel
from halftone_compute.rows.arrow import arrow_of
from halftone_compute.rows.messages import messages_of
from halftone_compute.rows.pages import page_of
from halftone_compute.rows.question import rows_question
from halftone_compute.serve.draw import chunks

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from halftone_servicekit.tokens import Grant

    from halftone_compute.render.shared import Slots
    from halftone_compute.rows.pages import Page
    from halftone_compute.rows.question import RowsQuestion
    from halftone_compute.store.base import OpenRows


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
            return await self._in_thread(question, grant)

    async def _in_thread(self, question: RowsQuestion, grant: Grant) -> list[compute_pb2.RowsReply]:
        cancel, context = Cancel(), contextvars.copy_context()
        work = asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: context.run(_replies, question, grant, cancel)
        )
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            # The slot is given back when the thread is free.
            cancel.set()
            await asyncio.wait((work,))
            _forget(work)
            raise


def _forget(work: asyncio.Future[list[compute_pb2.RowsReply]]) -> None:
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
