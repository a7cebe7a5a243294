"""The message of the recipe, over a real socket, in both encodings."""

import pytest
from gateway_rig.client import JSON, PROTO
from gateway_rig.rig import Rig
from halftone.v1 import session_pb2 as pb


@pytest.mark.parametrize("subprotocol", [JSON, PROTO])
async def test_an_echo_is_answered(rig: Rig, subprotocol: str) -> None:
    async with rig.client(subprotocol) as client:
        await client.send(echo=pb.Echo(text="hello"))
        answer = await client.recv()
        assert answer.echoed.text == "hello"
