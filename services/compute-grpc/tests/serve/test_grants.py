"""The cache of verified grants."""

import time

import pytest
from compute_rig.tokens import DATASET, JwksServer, Signer
from halftone_compute.serve.grants import CAPACITY, Grants
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.tokens import Grant, Jwks, TokenVerifier
from typing_extensions import override


class Counting(TokenVerifier):
    """Counts the signatures it checks."""

    checked = 0

    @override
    async def verify_grant(self, token: str) -> Grant:
        self.checked += 1
        return await super().verify_grant(token)


@pytest.fixture
def verifier(jwks: JwksServer, patient: None) -> Counting:
    return Counting(Jwks(f"{jwks.url}/.well-known/jwks.json"), "halftone")


async def refusal(grants: Grants, token: str) -> ErrorCode:
    with pytest.raises(HalftoneError) as caught:
        await grants.verify(token)
    return caught.value.code


async def test_a_signature_is_checked_once(verifier: Counting, signer: Signer) -> None:
    grants, token = Grants(verifier), signer.grant()
    assert (await grants.verify(token)).dataset_id == DATASET
    assert await grants.verify(token) == await grants.verify(token)
    assert verifier.checked == 1


async def test_a_cached_grant_expires(verifier: Counting, signer: Signer) -> None:
    now = time.time()
    grants, token = Grants(verifier, lambda: now), signer.grant(lifetime=300)
    await grants.verify(token)
    now += 400
    await grants.verify(token)
    assert verifier.checked == 2, "past its time a cached grant is verified again, which has the last word"


async def test_what_is_refused(verifier: Counting, signer: Signer) -> None:
    grants = Grants(verifier)
    assert await refusal(grants, "") is ErrorCode.AUTH_REQUIRED
    assert await refusal(grants, "garbage") is ErrorCode.TOKEN_INVALID
    assert await refusal(grants, signer.grant(lifetime=-60)) is ErrorCode.TOKEN_EXPIRED
    assert await refusal(grants, signer.grant(typ="at+jwt")) is ErrorCode.TOKEN_INVALID
    assert await refusal(grants, signer.grant(aud="halftone")) is ErrorCode.TOKEN_INVALID
    assert await refusal(grants, signer.grant(purpose="export")) is ErrorCode.FORBIDDEN
    assert await refusal(grants, Signer("foreign").grant()) is ErrorCode.TOKEN_INVALID
    assert await refusal(grants, Signer(signer.kid).grant()) is ErrorCode.TOKEN_INVALID


async def test_the_cache_is_bounded(verifier: Counting, signer: Signer) -> None:
    grants, first = Grants(verifier), signer.grant()
    await grants.verify(first)
    known = grants._known
    known.update({f"other {index}": known[first] for index in range(CAPACITY - 1)})
    await grants.verify(signer.grant(sub="someone else"))
    assert len(known) == CAPACITY
    assert first not in known
