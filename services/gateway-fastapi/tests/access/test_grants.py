"""Grants: fetched once, checked, kept while they are good."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from gateway_rig.auth import ANN, BOB, SERVICE_TOKEN, AuthServer, uuid_of
from halftone_gateway.access.auth_client import AuthClient
from halftone_gateway.access.granted import GrantedVersion
from halftone_gateway.access.grants import GrantKey, Grants
from halftone_servicekit.errors import HalftoneError
from halftone_servicekit.tokens import Jwks, TokenVerifier


@asynccontextmanager
async def grants_of(auth: AuthServer) -> AsyncIterator[Grants]:
    client = AuthClient(auth.url, SERVICE_TOKEN)
    try:
        yield Grants(client, TokenVerifier(Jwks(f"{auth.url}/.well-known/jwks.json"), "halftone"))
    finally:
        await client.close()


async def get(auth: AuthServer, grants: Grants, dataset: str = "flights", subject: str = ANN) -> GrantedVersion:
    return await grants.get(auth.access(subject), GrantKey(subject, dataset, ""))


async def test_many_views_cause_one_fetch(auth: AuthServer) -> None:
    async with grants_of(auth) as grants:
        answers = await asyncio.gather(*(get(auth, grants) for _ in range(10)))
        assert auth.grant_calls == 1
        assert len({access.token for access in answers}) == 1
        await get(auth, grants, subject=BOB)
        assert auth.grant_calls == 2


async def test_a_fresh_one_is_fetched_on_demand_and_near_the_end(auth: AuthServer) -> None:
    async with grants_of(auth) as grants:
        await get(auth, grants)
        await grants.get(auth.access(), GrantKey(ANN, "flights", ""), fresh=True)
        assert auth.grant_calls == 2
        # At its end, and good for the leeway that every token has.
        auth.grant_seconds = 0.0
        await grants.get(auth.access(), GrantKey(ANN, "flights", ""), fresh=True)
        auth.grant_seconds = 300.0
        await get(auth, grants)
        assert auth.grant_calls == 4


async def test_columns_that_may_not_be_read_are_left_out(auth: AuthServer) -> None:
    auth.columns = ["distance"]
    async with grants_of(auth) as grants:
        access = await get(auth, grants)
    assert list(access.table.columns) == ["distance"]
    assert access.version.rows == 3


@pytest.mark.parametrize("dataset", ["secret", "none", "../x", "a/b", "", "a" * 300, "%2e"])
async def test_what_is_not_yours_does_not_exist(auth: AuthServer, dataset: str) -> None:
    async with grants_of(auth) as grants:
        with pytest.raises(HalftoneError) as caught:
            await get(auth, grants, dataset)
    assert (caught.value.code, caught.value.field) == ("unknown_dataset", "dataset")


async def test_a_version_is_a_uuid(auth: AuthServer) -> None:
    async with grants_of(auth) as grants:
        with pytest.raises(HalftoneError, match="param_invalid"):
            await grants.get(auth.access(), GrantKey(ANN, "flights", "1"))
        access = await grants.get(auth.access(), GrantKey(ANN, "flights", uuid_of("flights/7")))
    assert access.version.version_id == uuid_of("flights/7")


async def test_an_auth_service_that_is_away_is_said_to_be(auth: AuthServer) -> None:
    async with grants_of(auth) as grants:
        auth.down = True
        with pytest.raises(HalftoneError, match="auth_unavailable"):
            await get(auth, grants)
    client = AuthClient("http://127.0.0.1:1", None)
    with pytest.raises(HalftoneError, match="auth_unavailable"):
        await client.grant("t", "flights", "")
    await client.close()


async def test_a_grant_that_is_not_for_this_person_or_not_signed_is_not_used(
    auth: AuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = auth.grant
    async with grants_of(auth) as grants:
        monkeypatch.setattr(auth, "grant", lambda _subject, slug, version: honest(BOB, slug, version))
        with pytest.raises(HalftoneError, match="auth_unavailable"):
            await get(auth, grants)
        monkeypatch.undo()
        await get(auth, grants)
        auth.key = ec.generate_private_key(ec.SECP256R1())
        with pytest.raises(HalftoneError, match="token_invalid"):
            await grants.get(auth.access(), GrantKey(ANN, "flights", ""), fresh=True)


async def test_what_is_forgotten_is_fetched_again(auth: AuthServer) -> None:
    async with grants_of(auth) as grants:
        await get(auth, grants)
        grants.forget(dataset_id=uuid_of("other"))
        grants.forget(subject=BOB)
        await get(auth, grants)
        assert auth.grant_calls == 1
        for change in ({"dataset_id": uuid_of("flights")}, {"subject": ANN}, {}):
            before = auth.grant_calls
            grants.forget(**change)
            await get(auth, grants)
            assert auth.grant_calls == before + 1
