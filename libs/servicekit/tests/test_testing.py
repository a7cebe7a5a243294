"""The issuer for tests makes what the verifier believes."""

import pytest
from halftone_servicekit.errors import HalftoneError
from halftone_servicekit.testing import Issuer
from halftone_servicekit.tokens import Jwks, TokenVerifier


async def test_its_tokens_are_believed_and_its_changes_count() -> None:
    with Issuer() as issuer:
        verifier = TokenVerifier(Jwks(issuer.url), "halftone")
        assert (await verifier.verify_access(issuer.access(sub="me", cl="api"))).client == "api"
        assert (await verifier.verify_grant(issuer.grant(columns=["a"]))).columns == {"a"}
        with pytest.raises(HalftoneError, match="token_invalid"):
            await verifier.verify_grant(issuer.grant(purpose=None))
        with pytest.raises(HalftoneError, match="token_expired"):
            await verifier.verify_access(issuer.access(exp=1))
        assert issuer.fetches == 1
