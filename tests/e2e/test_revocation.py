"""A token that was revoked gets no socket: on either of two gateways, after a start, and while auth is away."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import httpx2
import pytest
from websockets import Subprotocol
from websockets.sync.client import ClientConnection, connect

from .product import EMAIL, PASSWORD, Product, free_ports, wait_until
from .test_wire import close_code, receive, send

pytestmark = pytest.mark.e2e

# Sockets of a person are few: each test has its own people.
WORD = "a long password of theirs"
REVOKED, UNAVAILABLE = 4403, 1013
# New sockets are tried for longer than a revocation may take.
TRIED_S = 3.0


@dataclass(frozen=True)
class SignedIn:
    """A session of an API client."""

    access: str
    refresh: str


def sign_in(product: Product, email: str = EMAIL, password: str = PASSWORD) -> SignedIn:
    body = {"email": email, "password": password}
    answer = httpx2.post(f"{product.url}/api/token/", json=body, timeout=60).raise_for_status().json()
    return SignedIn(answer["access"], answer["refresh"])


def sign_out(product: Product, session: SignedIn) -> None:
    httpx2.post(f"{product.url}/api/token/revoke/", json={"refresh": session.refresh}, timeout=60).raise_for_status()


def is_fine(port: int, path: str) -> bool:
    """Whether a gateway listens and answers 200."""
    try:
        return httpx2.get(f"http://127.0.0.1:{port}{path}", timeout=60).is_success
    except httpx2.HTTPError:
        return False


def is_ready(port: int) -> bool:
    return is_fine(port, "/readyz")


@contextmanager
def gateway(product: Product) -> Iterator[int]:
    """Another gateway of the product; its port."""
    (port,) = free_ports(1)
    environment = {**product.service_environment, "HALFTONE_GATEWAY_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "halftone_gateway"], env=environment)
    try:
        wait_until(lambda: is_fine(port, "/healthz"), "another gateway")
        yield port
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def socket(port: int, token: str) -> Iterator[ClientConnection]:
    """A socket that has sent its token; whether that is good is not known yet."""
    address, spoken = f"ws://127.0.0.1:{port}/ws/compute", [Subprotocol("halftone.v1.json")]
    with connect(address, subprotocols=spoken, open_timeout=60, proxy=None) as opened:
        send(opened, auth={"accessToken": token})
        yield opened


def end_of(port: int, token: str) -> int:
    """The code that a socket with this token is closed with."""
    with socket(port, token) as opened:
        return close_code(opened)


def assert_opens(port: int, token: str) -> None:
    with socket(port, token) as opened:
        receive(opened, "welcome")


def test_who_signed_out_is_refused_on_both_gateways_from_then_on(product: Product) -> None:
    out, kept = sign_in(product), sign_in(product)
    with gateway(product) as other, ExitStack() as open_sockets:
        wait_until(lambda: is_ready(other), "another ready gateway")
        ports = (product.ports["GATEWAY"], other)
        live = [open_sockets.enter_context(socket(port, out.access)) for port in ports]
        for opened in live:
            receive(opened, "welcome")
        sign_out(product, out)
        revoked_at = time.monotonic()
        while time.monotonic() - revoked_at < TRIED_S:
            assert [end_of(port, out.access) for port in ports] == [REVOKED, REVOKED]
        assert [close_code(opened) for opened in live] == [REVOKED, REVOKED]
        for port in ports:
            assert_opens(port, kept.access)
    product.kill("gateway")
    wait_until(lambda: is_ready(product.ports["GATEWAY"]), "a gateway that has started again")
    assert end_of(product.ports["GATEWAY"], out.access) == REVOKED
    assert_opens(product.ports["GATEWAY"], kept.access)


def test_a_new_password_and_a_disabled_account_end_every_token(product: Product) -> None:
    changed, disabled = "changed@halftone.local", "disabled@halftone.local"
    for email in (changed, disabled):
        product.add_person(email, WORD)
    port = product.ports["GATEWAY"]
    old = [sign_in(product, email, WORD) for email in (changed, disabled)]
    with ExitStack() as open_sockets:
        live = [open_sockets.enter_context(socket(port, session.access)) for session in old]
        for opened in live:
            receive(opened, "welcome")
        product.run_in_auth(
            "from users.models import User; "
            f"one = User.objects.get(email={changed!r}); one.set_password('another ' + {WORD!r}); one.save(); "
            f"two = User.objects.get(email={disabled!r}); two.is_active = False; two.save()"
        )
        assert [close_code(opened) for opened in live] == [REVOKED, REVOKED]
    assert [end_of(port, session.access) for session in old] == [REVOKED, REVOKED]
    assert_opens(port, sign_in(product, changed, f"another {WORD}").access)


def test_without_auth_a_new_gateway_takes_no_token_and_a_running_one_knows_the_revoked(product: Product) -> None:
    out, kept = sign_in(product), sign_in(product)
    port = product.ports["GATEWAY"]
    sign_out(product, out)
    wait_until(lambda: end_of(port, out.access) == REVOKED, "the revocation")
    with ExitStack() as started:
        with product.not_restarted():
            product.kill("auth")
            assert end_of(port, out.access) == REVOKED
            assert_opens(port, kept.access)
            other = started.enter_context(gateway(product))
            assert [end_of(other, session.access) for session in (out, kept)] == [UNAVAILABLE, UNAVAILABLE]
            assert not is_ready(other)
        wait_until(lambda: is_ready(other), "a gateway that knows what was revoked", seconds=120)
        assert end_of(other, out.access) == REVOKED
        assert_opens(other, kept.access)
    wait_until(lambda: product.is_ready("auth"), "auth")
