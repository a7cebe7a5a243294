"""One stream: it says how it ended, and opens again."""

from dataclasses import dataclass, field

import pytest
from gateway_rig.compute import ComputeServer
from gateway_rig.refusing import refusing
from gateway_rig.waiting import eventually
from halftone.v1.compute_pb2 import RenderReply, RenderRequest
from halftone_gateway.compute import stream as streams
from halftone_gateway.compute.dial import Dialer
from halftone_gateway.compute.stream import End, Stream


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A try that is given up on a busy machine would end as a break."""
    monkeypatch.setattr(streams, "_CONNECT_S", 600.0)


@dataclass
class Log:
    """An owner that remembers."""

    opens: int = 0
    ends: list[End] = field(default_factory=list)
    replies: list[RenderReply] = field(default_factory=list)
    written: list[RenderRequest] = field(default_factory=list)

    def opened(self, stream: Stream) -> None:
        assert stream.connected
        self.opens += 1

    def about_to_write(self, stream: Stream, request: RenderRequest) -> None:
        self.written.append(request)

    def replied(self, stream: Stream, reply: RenderReply) -> None:
        self.replies.append(reply)

    def ended(self, stream: Stream, end: End) -> None:
        assert not stream.connected
        self.ends.append(end)


async def test_an_end_in_good_order_is_told_from_a_break(compute: ComputeServer) -> None:
    log = Log()
    stream = Stream(compute.target, Dialer(), log)
    # A client is connected before its call reaches the server's own code.
    await eventually(lambda: log.opens == 1 and compute.streams == 1)
    compute.end_streams()
    await eventually(lambda: log.opens == 2)
    assert log.ends == [End.CLOSED]
    await compute.stop()
    await eventually(lambda: len(log.ends) >= 2)
    assert log.ends[1] is End.BROKEN
    await compute.start()
    await eventually(lambda: log.opens == 3)
    await stream.close()
    assert not stream.connected


async def test_a_call_that_a_stopping_service_never_looked_at_is_a_break() -> None:
    log = Log()
    async with refusing() as target:
        stream = Stream(target, Dialer(), log)
        # The break may be heard of before the client has taken itself for connected.
        await eventually(lambda: log.ends == [End.BROKEN])
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
