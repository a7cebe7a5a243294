"""The outbox: bounded, in order, ended without waiting for frames."""

import asyncio

import pytest
from gateway_rig.waiting import eventually
from halftone_gateway.delivery.codec import WireMessage
from halftone_gateway.delivery.outbox import Outbox, SocketClose


async def test_messages_go_out_in_order_until_the_end() -> None:
    sent: list[WireMessage] = []

    async def write(data: WireMessage) -> None:
        sent.append(data)

    box = Outbox(100, 1.0, lambda: None)
    writer = asyncio.create_task(box.drain(write))
    box.put(b"1", is_frame=False)
    box.put("2", is_frame=True)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    box.put(b"3", is_frame=False)
    box.end(4401, "why")
    box.end(1000, "too late")
    box.put(b"4", is_frame=False)
    assert await writer == SocketClose(4401, "why")
    assert sent == [b"1", "2", b"3"]


async def test_frames_are_dropped_at_the_end_and_control_is_not() -> None:
    sent: list[WireMessage] = []

    async def write(data: WireMessage) -> None:
        sent.append(data)

    box = Outbox(100, 1.0, lambda: None)
    box.put(b"frame", is_frame=True)
    box.put(b"why", is_frame=False)
    box.end(4403, "")
    await box.drain(write)
    assert sent == [b"why"]


async def test_room_is_given_back_when_frames_are_written() -> None:
    told: list[int] = []
    gate = asyncio.Event()

    async def write(_: WireMessage) -> None:
        await gate.wait()

    box = Outbox(10, 5.0, lambda: told.append(1))
    writer = asyncio.create_task(box.drain(write))
    assert box.has_room
    box.put(bytes(6), is_frame=True)
    assert box.has_room
    box.put(bytes(6), is_frame=True)
    full = not box.has_room
    gate.set()
    await eventually(lambda: box.has_room)
    assert full
    assert told == [1]
    writer.cancel()


async def test_control_messages_are_bounded() -> None:
    box = Outbox(10, 5.0, lambda: None)
    assert box.put(bytes(70_000), is_frame=False), "one may be large"
    assert not box.put(b"x", is_frame=False)


async def test_a_write_that_takes_too_long_was_passed_on() -> None:
    async def write(_: WireMessage) -> None:
        await asyncio.Event().wait()

    box = Outbox(10, 0.01, lambda: None)
    box.put(b"x", is_frame=False)
    with pytest.raises(TimeoutError):
        await box.drain(write)
