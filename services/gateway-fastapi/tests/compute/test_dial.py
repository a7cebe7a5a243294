"""Channels by mutual TLS."""

import asyncio
from pathlib import Path

import grpc
import pytest
from gateway_rig.certificates import Authority
from gateway_rig.compute import ComputeServer
from gateway_rig.waiting import DEADLINE_S, eventually
from halftone_gateway.compute.dial import SERVER_NAME, Certificates, Dialer
from halftone_gateway.compute.pool import Pool

CLIENT = "gateway.halftone"


def certificates(folder: Path) -> Certificates:
    return Certificates(folder / "ca.crt", folder / "tls.crt", folder / "tls.key")


def guarded(authority: Authority, name: str = SERVER_NAME) -> grpc.ServerCredentials:
    """A server of that name that wants certificates of the same authority."""
    pair = authority.issue(name)
    return grpc.ssl_server_credentials([(pair.key, pair.cert)], authority.pem, require_client_auth=True)


async def reaches(compute: ComputeServer, dialer: Dialer, seconds: float = DEADLINE_S) -> bool:
    pool = Pool(dialer, 1.0, lambda: None)
    pool.update(((compute.target,),))
    try:
        await eventually(lambda: pool.connected == 1, seconds)
    except TimeoutError:
        return False
    finally:
        await pool.close()
    return True


async def test_both_sides_prove_who_they_are(tmp_path: Path) -> None:
    authority = Authority()
    authority.write(tmp_path, CLIENT)
    async with ComputeServer(credentials=guarded(authority)).serve() as compute:
        assert await reaches(compute, Dialer(certificates(tmp_path)))
        assert not await reaches(compute, Dialer(), 0.5)


async def test_a_server_of_another_name_is_not_spoken_to(tmp_path: Path) -> None:
    authority = Authority()
    authority.write(tmp_path, CLIENT)
    async with ComputeServer(credentials=guarded(authority, "auth.halftone")).serve() as compute:
        assert not await reaches(compute, Dialer(certificates(tmp_path)), 0.5)


async def test_a_client_of_another_authority_is_not_let_in(tmp_path: Path) -> None:
    authority = Authority()
    Authority().write(tmp_path, CLIENT)
    (tmp_path / "ca.crt").write_bytes(authority.pem)
    async with ComputeServer(credentials=guarded(authority)).serve() as compute:
        assert not await reaches(compute, Dialer(certificates(tmp_path)), 0.5)


async def test_new_certificates_are_used_from_the_next_connection_on(tmp_path: Path) -> None:
    old, new = Authority(), Authority()
    old.write(tmp_path, CLIENT)
    compute = ComputeServer(credentials=guarded(old))
    async with compute.serve():
        pool = Pool(Dialer(certificates(tmp_path)), 1.0, lambda: None)
        pool.update(((compute.target,),))
        await eventually(lambda: pool.connected == 1)
        await compute.stop()
        await eventually(lambda: pool.connected == 0)
        new.write(tmp_path, CLIENT)
        compute.credentials = guarded(new)
        await compute.start()
        await eventually(lambda: pool.connected == 1)
        await pool.close()


async def test_files_that_are_missing_are_waited_for(tmp_path: Path) -> None:
    authority = Authority()
    async with ComputeServer(credentials=guarded(authority)).serve() as compute:
        dialer = Dialer(certificates(tmp_path))
        with pytest.raises(FileNotFoundError):
            dialer.open(compute.target)
        pool = Pool(dialer, 1.0, lambda: None)
        pool.update(((compute.target,),))
        await asyncio.sleep(0)
        assert pool.connected == 0
        authority.write(tmp_path, CLIENT)
        await eventually(lambda: pool.connected == 1)
        await pool.close()
