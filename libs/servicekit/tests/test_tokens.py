"""Tokens are believed only when everything about them is right."""

import base64
import json
from collections.abc import Callable, Iterator

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from halftone_servicekit import testing
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.testing import Issuer, PrivateKey, public_jwk, sign
from halftone_servicekit.tokens import ACCESS_AUDIENCE, ACCESS_TYP, GRANT_AUDIENCE, GRANT_TYP, Jwks, TokenVerifier
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
NOW = 1_800_000_000.0
SUBJECT = "4f6c7f3e-0000-4000-8000-000000000001"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer(KEY) as server:
        server.keys.append(public_jwk(RSA, "r1"))
        yield server


@pytest.fixture
def verifier(issuer: Issuer) -> TokenVerifier:
    return TokenVerifier(Jwks(issuer.url), "halftone", clock=lambda: NOW)


def access_claims(**changes: object) -> dict[str, object]:
    return {**testing.access_claims(NOW), "sub": SUBJECT, **changes}


def grant_claims(**changes: object) -> dict[str, object]:
    return {**testing.grant_claims(NOW), "columns": ["date", "delay"], **changes}


def signed(claims: dict[str, object], signer: PrivateKey = KEY, **header: object) -> str:
    return sign(claims, signer, {"typ": ACCESS_TYP, "kid": "k1", **header})


def encoded(part: object) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


async def refusal(verifier: TokenVerifier, token: str) -> ErrorCode:
    with pytest.raises(HalftoneError) as caught:
        await verifier.verify_access(token)
    assert "eyJ" not in caught.value.detail
    return caught.value.code


async def test_a_good_access_token(verifier: TokenVerifier) -> None:
    claims = await verifier.verify_access(signed(access_claims()))
    assert claims.subject == SUBJECT
    assert (claims.session_id, claims.token_id) == (claims.raw["sid"], claims.raw["jti"])
    assert (claims.client, claims.expires_at, claims.raw["ver"]) == ("web", NOW + 300, 1)


async def test_rs256_is_believed_when_the_key_says_so(verifier: TokenVerifier) -> None:
    assert (await verifier.verify_access(signed(access_claims(), RSA, kid="r1"))).client == "web"
    assert await refusal(verifier, signed(access_claims(), RSA, kid="k1")) == "token_invalid"
    assert await refusal(verifier, signed(access_claims(), RSA, kid="r1", alg="PS256")) == "token_invalid"


async def test_a_good_grant(verifier: TokenVerifier) -> None:
    claims = grant_claims()
    grant = await verifier.verify_grant(signed(claims, typ=GRANT_TYP))
    assert (grant.subject, grant.dataset_id, grant.version_id) == (claims["sub"], claims["dataset"], claims["version"])
    assert grant.manifest == "datasets/d/versions/v/1/manifest.json"
    assert (grant.policy_hash, grant.purpose, grant.expires_at) == ("ab" * 32, "view", NOW + 300)
    assert grant.allows("date")
    assert not grant.allows("salary")
    assert not grant.allows("*")
    everything = await verifier.verify_grant(signed(grant_claims(columns=["*"]), typ=GRANT_TYP))
    assert everything.allows("salary")


BAD_HEADERS: dict[str, dict[str, object]] = {
    "another type": {"typ": GRANT_TYP},
    "the type of plain tokens": {"typ": "JWT"},
    "no type": {"typ": None},
    "no key id": {"kid": None},
    "an empty key id": {"kid": ""},
    "an extension that must be understood": {"crit": ["exp"], "exp": 1},
    "an unknown extension": {"crit": ["b64"], "b64": False},
}


@pytest.mark.parametrize("header", BAD_HEADERS.values(), ids=BAD_HEADERS)
async def test_bad_headers(verifier: TokenVerifier, header: dict[str, object]) -> None:
    assert (
        await refusal(verifier, sign(access_claims(), KEY, {"typ": ACCESS_TYP, "kid": "k1", **header}))
        == "token_invalid"
    )


async def test_an_extension_that_pyjwt_knows_is_refused_too(verifier: TokenVerifier) -> None:
    header = {"alg": "ES256", "kid": "k1", "typ": ACCESS_TYP, "crit": ["b64"], "b64": True}
    text = f"{encoded(header)}.{encoded(access_claims())}"
    signature = jwt.get_algorithm_by_name("ES256").sign(text.encode(), KEY)
    assert await refusal(verifier, f"{text}.{encoded(signature)}") == "token_invalid"


BAD_CLAIMS: dict[str, dict[str, object]] = {
    "another audience": {"aud": GRANT_AUDIENCE},
    "many audiences": {"aud": [ACCESS_AUDIENCE, "other"]},
    "no audience": {"aud": None},
    "another issuer": {"iss": "mallory"},
    "no issuer": {"iss": None},
    "no subject": {"sub": None},
    "a number as subject": {"sub": 7},
    "an empty subject": {"sub": ""},
    "no session": {"sid": None},
    "no token id": {"jti": None},
    "no expiry": {"exp": None},
    "an expiry that is no number": {"exp": "tomorrow"},
    "an expiry that is true": {"exp": True},
    "an endless expiry": {"exp": float("inf")},
    "an expiry that is not a number at all": {"exp": float("nan")},
    "an expiry after all calendars": {"exp": 10**400},
    "no issue time": {"iat": None},
    "a refresh token": {"token_type": "refresh"},
    "no token type": {"token_type": None},
    "an unknown client": {"cl": "toaster"},
    "no client": {"cl": None},
}


@pytest.mark.parametrize("changes", BAD_CLAIMS.values(), ids=BAD_CLAIMS)
async def test_bad_claims(verifier: TokenVerifier, changes: dict[str, object]) -> None:
    assert await refusal(verifier, signed(access_claims(**changes))) == "token_invalid"


BAD_GRANTS: dict[str, dict[str, object]] = {
    "no columns": {"columns": None},
    "columns in one string": {"columns": "*"},
    "a column that is no string": {"columns": ["date", 3]},
    "no version": {"version": ""},
    "no manifest": {"manifest": None},
    "no policy hash": {"policy_hash": None},
    "no purpose": {"purpose": None},
    "the audience of access tokens": {"aud": ACCESS_AUDIENCE},
}


@pytest.mark.parametrize("changes", BAD_GRANTS.values(), ids=BAD_GRANTS)
async def test_bad_grants(verifier: TokenVerifier, changes: dict[str, object]) -> None:
    with pytest.raises(HalftoneError, match="token_invalid"):
        await verifier.verify_grant(signed(grant_claims(**changes), typ=GRANT_TYP))


async def test_access_tokens_and_grants_do_not_stand_for_each_other(verifier: TokenVerifier) -> None:
    assert await refusal(verifier, signed(grant_claims(), typ=GRANT_TYP)) == "token_invalid"
    with pytest.raises(HalftoneError, match="token_invalid"):
        await verifier.verify_grant(signed(access_claims()))
    # Not even when somebody had one signed under the other's type.
    assert await refusal(verifier, signed(grant_claims(), typ=ACCESS_TYP)) == "token_invalid"


def hmac_with_public_key(alg: str) -> str:
    """The oldest trick: the public key as the secret of a symmetric signature (PyJWT itself refuses to do it)."""
    head, body = encoded({"alg": alg, "kid": "k1", "typ": ACCESS_TYP}), encoded(access_claims())
    digest = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(f"{head}.{body}".encode(), PEM)
    return f"{head}.{body}.{encoded(digest)}"


FORGED: dict[str, Callable[[], str]] = {
    "alg none": lambda: f"{encoded({'alg': 'none', 'kid': 'k1', 'typ': ACCESS_TYP})}.{encoded(access_claims())}.",
    "alg NonE": lambda: f"{encoded({'alg': 'NonE', 'kid': 'k1', 'typ': ACCESS_TYP})}.{encoded(access_claims())}.",
    "HMAC with the public key": lambda: hmac_with_public_key("HS256"),
    "HMAC that calls itself ES256": lambda: hmac_with_public_key("ES256"),
    "a foreign key under a known id": lambda: signed(access_claims(), OTHER),
    "a key inside the token": lambda: signed(access_claims(), OTHER, jwk=public_jwk(OTHER, "k1")),
    "a key at the forger's address": lambda: signed(access_claims(), OTHER, jku="http://127.0.0.1:9/jwks"),
    "a certificate at the forger's address": lambda: signed(access_claims(), OTHER, x5u="http://127.0.0.1:9/x"),
    "no signature": lambda: signed(access_claims()).rsplit(".", 1)[0] + ".",
    "a signature of zeros": lambda: signed(access_claims()).rsplit(".", 1)[0] + "." + encoded(bytes(64)),
    "a changed body": lambda: ".".join(
        [(parts := signed(access_claims()).split("."))[0], encoded(access_claims(sub="root")), parts[2]]
    ),
    "an unsigned list as body": lambda: f"{signed({}).split('.')[0]}.{encoded([1])}.{signed({}).split('.')[2]}",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_forged_tokens(verifier: TokenVerifier, issuer: Issuer, forge: Callable[[], str]) -> None:
    assert await refusal(verifier, forge()) == "token_invalid"
    assert issuer.fetches <= 1


async def test_addresses_inside_a_token_are_never_read(verifier: TokenVerifier) -> None:
    with Issuer(OTHER) as trap:
        trap.keys = [public_jwk(OTHER, "k1"), public_jwk(OTHER, "evil")]
        for kid in ("k1", "evil"):
            token = signed(access_claims(), OTHER, kid=kid, jku=trap.url, x5u=trap.url)
            assert await refusal(verifier, token) == "token_invalid"
        assert trap.fetches == 0


MALFORMED: dict[str, str] = {
    "empty": "",
    "one part": "eyJ",
    "dots": "....",
    "spaces": " . . ",
    "a header that is no JSON": f"{encoded(b'{')}.e30.e30",
    "a header that is a list": f"{encoded([])}.e30.e30",
    "a header that is a number": "MQ.e30.e30",
    "a header nested without end": f"{encoded(b'[' * 40_000)}.e30.e30",
    "a number of 9,000 digits": encoded(b'{"alg":' + b"9" * 9_000 + b"}") + ".e30.e30",
    "an encrypted token": ".".join([encoded({"alg": "dir", "enc": "A256GCM", "typ": ACCESS_TYP}), "", "a", "b", "c"]),
    "letters that are no ASCII": "é.é.é",
    "half a surrogate": "\ud800.e30.e30",
    "too long": "a" * 65_537,
    "a key id that is a list": f"{encoded({'alg': 'ES256', 'kid': ['k1'], 'typ': ACCESS_TYP})}.e30.e30",
    "a type that is an object": f"{encoded({'alg': 'ES256', 'kid': 'k1', 'typ': {}})}.e30.e30",
    "an algorithm that is a list": f"{encoded({'alg': ['ES256'], 'kid': 'k1', 'typ': ACCESS_TYP})}.e30.e30",
}


@pytest.mark.parametrize("token", MALFORMED.values(), ids=MALFORMED)
async def test_malformed_tokens(verifier: TokenVerifier, token: str) -> None:
    assert await refusal(verifier, token) == "token_invalid"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(), st.lists(st.binary(max_size=40), min_size=3, max_size=3).map(lambda p: ".".join(map(encoded, p)))
    )
)
async def test_random_tokens(verifier: TokenVerifier, token: str) -> None:
    assert await refusal(verifier, token) == "token_invalid"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exp": NOW - 9}, None),
        ({"exp": NOW - 10}, "token_expired"),
        ({"exp": NOW - 11}, "token_expired"),
        ({"iat": NOW + 60}, None),
        ({"iat": NOW + 61}, "token_not_yet_valid"),
        ({"nbf": NOW + 10}, None),
        ({"nbf": NOW + 11}, "token_not_yet_valid"),
        ({"nbf": "soon"}, "token_invalid"),
        ({"iat": NOW - 10**6, "exp": NOW + 0.5}, None),
    ],
)
async def test_times_at_their_edges(verifier: TokenVerifier, changes: dict[str, object], code: str | None) -> None:
    token = signed(access_claims(**changes))
    if code is None:
        assert (await verifier.verify_access(token)).client == "web"
    else:
        assert await refusal(verifier, token) == code


async def test_a_forged_token_is_invalid_before_it_is_expired(verifier: TokenVerifier) -> None:
    assert await refusal(verifier, signed(access_claims(exp=NOW - 100), OTHER)) == "token_invalid"
