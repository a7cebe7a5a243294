"""One stream: it says how it ended, and opens again."""

from dataclasses import dataclass, field

import pytest
from gateway_rig.compute import ComputeServer
from gateway_rig.refusing import refusing
from gateway_rig.tables import check_table
from gateway_rig.waiting import eventually
from halftone.v1.compute_pb2 import RenderReply, RenderRequest
from halftone_gateway.compute import stream as streams
from halftone_gateway.compute.dial import Dialer
from halftone_gateway.compute.stream import TRANSITIONS, CallEnd, Stream, StreamEvent, StreamStatus


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A try that is given up on a busy machine would end as a break."""
    monkeypatch.setattr(streams, "_CONNECT_S", 600.0)


def status(stream: Stream) -> StreamStatus:
    """As it is now: mypy takes a property for unchanged."""
    return stream.status


@dataclass
class Log:
    """An owner that records its calls."""

    opens: int = 0
    ends: list[CallEnd] = field(default_factory=list)
    replies: list[RenderReply] = field(default_factory=list)
    written: list[RenderRequest] = field(default_factory=list)

    def opened(self, stream: Stream) -> None:
        assert stream.status is StreamStatus.LIVE
        self.opens += 1

    def about_to_write(self, stream: Stream, request: RenderRequest) -> None:
        self.written.append(request)

    def replied(self, stream: Stream, reply: RenderReply) -> None:
        self.replies.append(reply)

    def ended(self, stream: Stream, end: CallEnd) -> None:
        assert stream.status is StreamStatus.CONNECTING
        self.ends.append(end)


async def test_an_end_in_good_order_differs_from_a_break(compute: ComputeServer) -> None:
    log = Log()
    stream = Stream(compute.target, Dialer(), log)
    # A client is connected before its call reaches the server's own code.
    await eventually(lambda: log.opens == 1 and compute.streams == 1)
    compute.end_streams()
    await eventually(lambda: log.opens == 2)
    assert log.ends == [CallEnd.CLOSED]
    await compute.stop()
    await eventually(lambda: len(log.ends) >= 2)
    assert log.ends[1] is CallEnd.BROKEN
    await compute.start()
    await eventually(lambda: log.opens == 3)
    await stream.close()
    assert stream.status is StreamStatus.CLOSED


async def test_a_call_that_a_stopping_service_never_looked_at_is_a_break() -> None:
    log = Log()
    async with refusing() as target:
        stream = Stream(target, Dialer(), log)
        # The break may come before the client counts as connected.
        await eventually(lambda: log.ends == [CallEnd.BROKEN])
        assert log.opens <= 1
        await stream.close()


async def test_what_is_taken_back_is_not_written(compute: ComputeServer) -> None:
    log = Log()
    stream = Stream(compute.target, Dialer(), log)
    await eventually(lambda: log.opens == 1)
    requests = [RenderRequest(), RenderRequest()]
    for number, request in enumerate(requests):
        request.ask.request_id = number + 1
        stream.put(number + 1, request)
    assert stream.take_back(1)
    assert not stream.take_back(1)
    await eventually(lambda: len(log.written) == 1)
    assert log.written[0].ask.request_id == 2
    await stream.close()


async def test_a_service_that_is_not_there_is_tried_until_it_is(compute: ComputeServer) -> None:
    await compute.stop()
    log = Log()
    stream = Stream(compute.target, Dialer(), log)
    await compute.start()
    await eventually(lambda: log.opens == 1)
    await stream.close()


def test_the_documented_table_is_the_one_that_runs() -> None:
    check_table(StreamStatus, StreamEvent, TRANSITIONS)


async def test_a_stream_takes_requests_only_while_it_is_live(compute: ComputeServer) -> None:
    log = Log()
    stream = Stream(compute.target, Dialer(), log)
    assert status(stream) is StreamStatus.CONNECTING
    await eventually(lambda: log.opens == 1 and compute.streams == 1)
    stream.refuse_more()
    assert status(stream) is StreamStatus.DRAINING
    compute.end_streams()
    await eventually(lambda: log.opens == 2)
    assert status(stream) is StreamStatus.LIVE, "the next call is answered by another process"
    stream.retire()
    stream.refuse_more()
    assert status(stream) is StreamStatus.RETIRED
    await stream.close()
