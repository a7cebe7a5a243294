"""Grants: fetched once, checked, kept while they are good."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import combinations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from gateway_rig.auth import ANN, BOB, SERVICE_TOKEN, AuthServer, uuid_of
from gateway_rig.rig import Rig
from gateway_rig.waiting import eventually
from halftone_gateway.access.auth_client import AuthClient
from halftone_gateway.access.granted import GrantedVersion
from halftone_gateway.access.grants import Change, GrantKey, Grants
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
    return await grants.get(auth.access(subject), GrantKey(subject, "s1", dataset, ""))


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
        await grants.get(auth.access(), GrantKey(ANN, "s1", "flights", ""), fresh=True)
        assert auth.grant_calls == 2
        # At its end, and good for the leeway that every token has.
        auth.grant_seconds = 0.0
        await grants.get(auth.access(), GrantKey(ANN, "s1", "flights", ""), fresh=True)
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
            await grants.get(auth.access(), GrantKey(ANN, "s1", "flights", "1"))
        access = await grants.get(auth.access(), GrantKey(ANN, "s1", "flights", uuid_of("flights/7")))
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
            await grants.get(auth.access(), GrantKey(ANN, "s1", "flights", ""), fresh=True)


async def test_what_is_forgotten_is_fetched_again(auth: AuthServer) -> None:
    async with grants_of(auth) as grants:
        await get(auth, grants)
        for other in (Change(uuid_of("other")), Change(subject=BOB), Change(session_id="s2")):
            grants.forget(other)
        await get(auth, grants)
        assert auth.grant_calls == 1
        for change in (Change(uuid_of("flights")), Change(subject=ANN), Change(session_id="s1"), Change()):
            before = auth.grant_calls
            grants.forget(change)
            await get(auth, grants)
            assert auth.grant_calls == before + 1


ASKED = ("ask", "decide", "answer")
CHANGED = ("revoke", "announce")


def interleavings() -> list[tuple[str, ...]]:
    """Every order of both that keeps the order of each."""
    total = len(ASKED) + len(CHANGED)
    orders = []
    for places in combinations(range(total), len(CHANGED)):
        asked, changed = iter(ASKED), iter(CHANGED)
        orders.append(tuple(next(changed) if place in places else next(asked) for place in range(total)))
    return orders


@pytest.mark.parametrize("order", interleavings(), ids="-".join)
async def test_no_grant_outlives_the_announcement_that_its_right_is_gone(
    auth: AuthServer, order: tuple[str, ...]
) -> None:
    auth.may_decide.clear()
    auth.may_answer.clear()
    async with grants_of(auth) as grants:
        asking: asyncio.Task[GrantedVersion] | None = None
        for step in order:
            match step:
                case "ask":
                    asking = asyncio.create_task(get(auth, grants))
                    await eventually(lambda: auth.grant_calls == 1)
                case "decide":
                    auth.may_decide.set()
                    await eventually(lambda: auth.decided == 1)
                case "answer":
                    assert asking is not None
                    auth.may_answer.set()
                    await asyncio.wait([asking])
                case "revoke":
                    auth.readers["flights"] = set()
                case "announce":
                    grants.forget(Change(uuid_of("flights"), ANN))
        assert asking is not None
        was_allowed = order.index("decide") < order.index("revoke")
        was_used = order.index("answer") < order.index("announce")
        if was_allowed and was_used:
            assert asking.result().version.rows == 3, "nothing was known yet"
        else:
            assert isinstance(asking.exception(), HalftoneError)
        with pytest.raises(HalftoneError, match="unknown_dataset"):
            await get(auth, grants)


@pytest.mark.parametrize("fresh", [False, True])
async def test_an_announcement_between_the_answer_and_its_use_counts(auth: AuthServer, fresh: bool) -> None:
    auth.may_answer.clear()
    key = GrantKey(ANN, "s1", "flights", "")
    async with grants_of(auth) as grants:
        asking = asyncio.create_task(grants.get(auth.access(), key, fresh=fresh))
        await eventually(lambda: auth.decided == 1)

        def revoke(_: object) -> None:
            auth.readers["flights"] = set()
            grants.forget(Change(subject=ANN))

        # Called when the fetch is over, before those that wait for it go on.
        grants._fetches[key].task.add_done_callback(revoke)
        auth.may_answer.set()
        with pytest.raises(HalftoneError, match="unknown_dataset"):
            await asking


async def test_a_refusal_from_before_a_right_was_given_is_asked_again(auth: AuthServer) -> None:
    auth.readers["flights"] = set()
    auth.may_answer.clear()
    async with grants_of(auth) as grants:
        asking = asyncio.create_task(get(auth, grants))
        await eventually(lambda: auth.decided == 1)
        auth.readers["flights"] = {ANN}
        grants.forget(Change(uuid_of("flights"), ANN))
        auth.may_answer.set()
        assert (await asking).version.rows == 3


async def test_other_changes_do_not_overtake_a_request(auth: AuthServer) -> None:
    auth.may_answer.clear()
    async with grants_of(auth) as grants:
        asking = asyncio.create_task(get(auth, grants))
        await eventually(lambda: auth.decided == 1)
        for other in (Change(uuid_of("other")), Change(subject=BOB), Change(session_id="s2")):
            grants.forget(other)
        auth.may_answer.set()
        await asking
        assert auth.grant_calls == 1


async def test_a_session_never_gets_the_grant_of_another(auth: AuthServer) -> None:
    async with grants_of(auth) as grants:
        for session in ("s1", "s2"):
            await grants.get(auth.access(session=session), GrantKey(ANN, session, "flights", ""))
    assert auth.grant_calls == 2


async def test_a_view_that_opens_while_its_right_is_taken_away_is_refused(rig: Rig) -> None:
    rig.auth.may_answer.clear()
    async with rig.client() as client:
        await client.open()
        await eventually(lambda: rig.auth.decided == 1)
        rig.auth.readers["flights"] = {BOB}
        rig.auth.emit("permission_changed", dataset_id=uuid_of("flights"), user_id=ANN)
        fetches = rig.gateway.grants._fetches.values()
        await eventually(lambda: any(fetch.changes for fetch in fetches))
        rig.auth.may_answer.set()
        assert (await client.error()).code == "unknown_dataset"
        assert not [message for message in client.received if message.HasField("opened")]
