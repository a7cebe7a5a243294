"""Signing in; bad tokens are in test_connection."""

import asyncio
import time

from gateway_rig.client import Client
from gateway_rig.rig import Rig
from halftone.v1 import session_pb2 as pb
from halftone.v1.frame_pb2 import CODEC_PACKED


async def test_welcome_says_what_there_is(rig: Rig) -> None:
    async with Client.connect(rig.port) as client:
        started = time.time()
        welcome = await client.auth(rig.auth.access())
        passed = time.time() - started
    assert len(welcome.session_id) == 32
    assert welcome.limits.views == 64
    assert set(welcome.kinds) >= {"points", "histogram"}
    assert 299 - passed <= welcome.expires_in <= 300


async def test_signing_in_twice_at_once_counts_once(rig: Rig) -> None:
    async with Client.connect(rig.port) as client:
        await asyncio.gather(*(client.send(auth=pb.Auth(access_token=rig.auth.access())) for _ in range(3)))
        for _ in range(3):
            await client.until("welcome")
        assert len(list(rig.gateway.registry)) == 1


async def test_compute_packs_for_clients_that_said_at_first_that_they_read_it(rig: Rig) -> None:
    for first, later in (([], [CODEC_PACKED]), ([CODEC_PACKED], [])):
        async with Client.connect(rig.port) as client:
            for codecs in (first, later):
                await client.send(auth=pb.Auth(access_token=rig.auth.access(), codecs=codecs))
                await client.until("welcome")
            await client.open()
            await client.until("frame")
        assert list(rig.compute.asks[-1].codecs) == first
