"""nginx in place of the embedded profile's server: the same product, seen through the cluster profile's edge."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Response
from websockets import Subprotocol
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.edge.rig import Edge

from .product import EMAIL, PASSWORD, PORTS, ROOT, Product, free_ports, wait_until
from .screen import explore, pieces, settle, sign_in, wheel

pytestmark = pytest.mark.e2e

MIB = 1 << 20
# The sample is 13 MB.
UPLOAD = 16 * MIB
# What auth allows a form to have around its file, and nginx a little more.
LIMIT = 17 * MIB


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Edge, Product]]:
    """nginx before a product of its own, whose allowed origin it is."""
    port, *ports = free_ports(1 + len(PORTS))
    settings = {
        "HALFTONE_ALLOWED_ORIGINS": f"http://localhost:{port}",
        "HALFTONE_UPLOAD_MAX_BYTES": str(UPLOAD),
        "HALFTONE_LOGIN_PER_MINUTE": "3",
    }
    product = Product(tmp_path_factory.mktemp("home"), settings, dict(zip(PORTS, ports, strict=True)))
    product.make("up", "DETACH=1")
    services = {name: f"127.0.0.1:{product.ports[name.upper()]}" for name in ("auth", "gateway")}
    front = Edge(ROOT / "frontend" / "dist", {**services, "upload": f"{LIMIT}"}, port=port)
    try:
        front.start()
        yield front, product
    finally:
        front.stop()
        product.make("down")


def get(url: str, **headers: str) -> httpx2.Response:
    return httpx2.get(url, headers=headers, timeout=60)


def token(url: str) -> str:
    answer = httpx2.post(f"{url}/api/token/", json={"email": EMAIL, "password": PASSWORD}, timeout=60)
    return str(answer.raise_for_status().json()["access"])


def upload(url: str, size: int, bearer: str) -> httpx2.Response:
    """Send a CSV file of `size` bytes as a browser does."""
    line = b"1,2\n"
    body = (b"x,y\n" + line * (size // 4))[:size]
    headers = {"Authorization": f"Bearer {bearer}"}
    return httpx2.post(f"{url}/api/uploads/", files={"file": ("a.csv", body)}, headers=headers, timeout=60)


def test_a_picture_arrives_in_the_browser(edge: tuple[Edge, Product], browser: Browser) -> None:
    url = edge[0].url.replace("127.0.0.1", "localhost")
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    faults: list[str] = []
    answers: list[Response] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("response", lambda answer: answers.append(answer))
    sign_in(page, url)
    explore(page, url, "?x=date&y=delay")
    wheel(page, 3)
    settle(page)
    assert pieces(page)
    scripts = [answer.headers for answer in answers if answer.url.endswith(".js") and "/assets/" in answer.url]
    assert {headers["cache-control"] for headers in scripts} == {"public, max-age=31536000, immutable"}
    assert {headers.get("content-encoding") for headers in scripts} <= {"gzip", "br", None}
    assert any("content-encoding" in headers for headers in scripts)
    page.close()
    assert faults == []


def test_a_picture_arrives_at_a_script(edge: tuple[Edge, Product]) -> None:
    address = f"{edge[0].url.replace('http', 'ws', 1)}/ws/compute"
    bearer, spoken = token(edge[0].url), [Subprotocol("halftone.v1.json")]
    with connect(address, subprotocols=spoken, max_size=None, open_timeout=60) as socket:
        socket.send(json.dumps({"auth": {"accessToken": bearer}}))
        view = {
            "viewId": 1,
            "seq": 1,
            "dataset": "flights",
            "kind": "points",
            "viewport": {"width": 300, "height": 200},
        }
        socket.send(json.dumps({"open": view}))
        frame: dict[str, Any] = {}
        while frame.get("status") != "FRAME_STATUS_EXACT":
            frame = json.loads(socket.recv(timeout=60)).get("frame", {})
        assert socket.subprotocol == "halftone.v1.json"


def test_a_refused_upgrade_passes(edge: tuple[Edge, Product]) -> None:
    address = f"{edge[0].url.replace('http', 'ws', 1)}/ws/compute?token=eyJhbGciOiJub25lIn0.e30."
    with pytest.raises(InvalidStatus) as refused, connect(address, open_timeout=60):
        pass
    assert refused.value.response.status_code == 400
    assert json.loads(refused.value.response.body or b"")["code"]


def test_an_upload_as_large_as_allowed(edge: tuple[Edge, Product]) -> None:
    bearer = token(edge[0].url)
    assert upload(edge[0].url, UPLOAD, bearer).status_code == 201


@pytest.mark.parametrize("size", [UPLOAD + 1, LIMIT, 4 * LIMIT])
def test_an_upload_past_the_limit(edge: tuple[Edge, Product], size: int) -> None:
    """The first is counted by auth, the last refused by nginx before it is sent."""
    answer = upload(edge[0].url, size, token(edge[0].url))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_a_refused_upload_says_why(edge: tuple[Edge, Product]) -> None:
    """Auth answers before it has read the file; the answer must not get lost on the way."""
    for _ in range(5):
        answer = upload(edge[0].url, UPLOAD, "a.b.c")
        assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


def test_a_body_past_the_limit(edge: tuple[Edge, Product]) -> None:
    answer = httpx2.post(f"{edge[0].url}/api/token/", content=b" " * (MIB + 1), timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_a_forged_address_does_not_help_a_guesser(edge: tuple[Edge, Product]) -> None:
    def guess(number: int) -> int:
        body = {"email": "nobody@example.org", "password": "wrong wrong wrong"}
        claim = {"X-Forwarded-For": f"203.0.113.{number}", "Forwarded": f"for=203.0.113.{number}"}
        return httpx2.post(f"{edge[0].url}/api/token/", json=body, headers=claim, timeout=60).status_code

    assert [guess(number) for number in range(4)] == [401, 401, 401, 429]


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/api/internal/events/", "/api/internal/jobs/claim/"])
def test_what_is_internal_stays_so(edge: tuple[Edge, Product], path: str) -> None:
    answer = get(f"{edge[0].url}{path}", Authorization="Bearer x")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/", "/login", "/mark.svg"])
def test_pages_carry_what_nodes_do(edge: tuple[Edge, Product], path: str) -> None:
    front, product = edge
    through_nginx, through_node = (get(f"{url}{path}") for url in (front.url, product.url))
    assert through_nginx.content == through_node.content
    own = {"connection", "date", "etag", "keep-alive", "server", "transfer-encoding", "content-length", "accept-ranges"}
    seen, wanted = (
        {k: v for k, v in answer.headers.items() if k not in own} for answer in (through_nginx, through_node)
    )
    assert seen == wanted


@pytest.mark.parametrize(
    ("service", "path", "code"),
    [("auth", "/api/me/", "auth_unavailable"), ("gateway", "/compute/kinds", "compute_unavailable")],
)
def test_a_service_that_crashed_is_named_until_it_is_back(
    edge: tuple[Edge, Product], service: str, path: str, code: str
) -> None:
    front, product = edge
    with product.not_restarted():
        product.kill(service)
        wait_until(lambda: product.pid(service) is None, f"{service}'s end")
        answer = get(f"{front.url}{path}")
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (502, code, "1")
    wait_until(lambda: get(f"{front.url}{path}").status_code in (200, 401), f"{service}'s next answer")
