"""Mutual TLS on a real socket: who gets in, and certificates that change under way."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import numpy as np
import pytest
from compute_rig.certificates import Authority, Pair
from compute_rig.client import RenderClient, code_in
from compute_rig.rig import Rig, Serving
from compute_rig.waiting import PATIENCE_S
from google.protobuf.json_format import ParseDict
from halftone.v1 import compute_pb2, compute_pb2_grpc
from halftone_compute.serve.tls import Certificates, Files, files_of
from halftone_compute.settings import ComputeSettings

from examples import grpc_client

ROWS = {"x": np.zeros(3), "y": np.zeros(3)}


@pytest.fixture
def authority() -> Authority:
    return Authority()


@pytest.fixture
def files(tmp_path: Path, authority: Authority) -> Files:
    (tmp_path / "ca.crt").write_bytes(authority.pem)
    authority.issue("compute.halftone").write(tmp_path)
    return Files(tmp_path / "ca.crt", tmp_path / "tls.crt", tmp_path / "tls.key")


@pytest.fixture
async def secured(rig: Rig, files: Files) -> AsyncIterator[Serving]:
    rig.put(ROWS)
    given = {"compute_tls_ca": files.ca, "compute_tls_cert": files.cert, "compute_tls_key": files.key}
    async with rig.serving(**given) as serving:
        yield serving


def channel(serving: Serving, trusted: Authority, pair: Pair | None) -> grpc.aio.Channel:
    credentials = grpc.ssl_channel_credentials(trusted.pem, pair.key if pair else None, pair.cert if pair else None)
    options = (("grpc.ssl_target_name_override", "compute.halftone"), ("grpc.use_local_subchannel_pool", 1))
    return grpc.aio.secure_channel(f"127.0.0.1:{serving.port}", credentials, options)


async def describe(over: grpc.aio.Channel, grant: str) -> compute_pb2.DescribeReply:
    return await compute_pb2_grpc.ComputeStub(over).Describe(
        compute_pb2.DescribeRequest(grant=grant), timeout=PATIENCE_S
    )


async def test_a_gateway_gets_in(secured: Serving, authority: Authority) -> None:
    async with channel(secured, authority, authority.issue("gateway.halftone")) as over:
        assert (await describe(over, secured.signer.grant())).rows == 3
        assert (await RenderClient(over, secured.signer.grant()).run(1)).done


async def test_the_example_gets_in_with_the_files_it_is_given(
    secured: Serving, authority: Authority, files: Files, tmp_path: Path
) -> None:
    client = tmp_path / "client"
    client.mkdir()
    authority.issue("gateway.halftone").write(client)
    own = ["--tls-cert", str(client / "tls.crt"), "--tls-key", str(client / "tls.key")]
    view = {"kind": "points", "options": {"x": "x", "y": "y"}, "viewport": {"width": 8, "height": 8}}
    request = ParseDict(
        {**view, "grant": secured.signer.grant(), "format": "DRAW_FORMAT_PNG"}, compute_pb2.DrawRequest()
    )

    def drawn(*flags: str) -> bytes:
        with grpc_client.channel(f"127.0.0.1:{secured.port}", grpc_client.parse(flags)) as channel:
            return grpc_client.draw(channel, request)

    assert (await asyncio.to_thread(drawn, "--tls-ca", str(files.ca), *own)).startswith(b"\x89PNG")
    # Plain, and with a CA but nothing of its own.
    for flags in ([], ["--tls-ca", str(files.ca)]):
        with pytest.raises(grpc.RpcError) as caught:
            await asyncio.to_thread(drawn, *flags)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("flags", [["--tls-cert", "a"], ["--tls-cert", "a", "--tls-key", "b"], ["--tls-key", "b"]])
def test_the_example_says_which_flags_belong_together(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        grpc_client.parse(flags)
    assert "belong together" in capsys.readouterr().err


async def test_another_name_is_forbidden_everything(secured: Serving, authority: Authority) -> None:
    async with channel(secured, authority, authority.issue("ingest.halftone")) as over:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await describe(over, secured.signer.grant())
        assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
        stub = compute_pb2_grpc.ComputeStub(over)
        for call in (stub.Render(), stub.Draw(compute_pb2.DrawRequest(), timeout=PATIENCE_S)):
            assert await call.code() is grpc.StatusCode.PERMISSION_DENIED
            assert code_in(await call.trailing_metadata()) == "forbidden"


@pytest.mark.parametrize("stranger", [True, False], ids=["of another authority", "none"])
async def test_without_a_certificate_of_ours_there_is_no_connection(
    secured: Serving, authority: Authority, stranger: bool
) -> None:
    pair = Authority().issue("gateway.halftone") if stranger else None
    async with channel(secured, authority, pair) as over:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await describe(over, secured.signer.grant())
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_the_port_speaks_no_plain_grpc(secured: Serving) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await describe(secured.channel, secured.signer.grant())
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_renewed_certificates_serve_the_next_connection(
    secured: Serving, authority: Authority, files: Files
) -> None:
    renewed = Authority()
    files.ca.write_bytes(renewed.pem)
    renewed.issue("compute.halftone").write(files.ca.parent)
    async with channel(secured, renewed, renewed.issue("gateway.halftone")) as over:
        assert (await describe(over, secured.signer.grant())).rows == 3
    async with channel(secured, authority, authority.issue("gateway.halftone")) as over:
        with pytest.raises(grpc.aio.AioRpcError):
            await describe(over, secured.signer.grant())


def test_files_that_are_away_for_a_moment_change_nothing(files: Files) -> None:
    certificates = Certificates(files)
    assert certificates.fresh() is None
    away = files.key.rename(files.key.with_suffix(".away"))
    assert certificates.fresh() is None
    away.rename(files.key)
    os.utime(files.key, (1, 1))
    assert certificates.fresh() is not None
    assert certificates.fresh() is None


def test_the_three_files_belong_together(files: Files) -> None:
    assert files_of(ComputeSettings()) is None
    with pytest.raises(ValueError, match="set all or none"):
        files_of(ComputeSettings(compute_tls_ca=files.ca, compute_tls_cert=files.cert))
