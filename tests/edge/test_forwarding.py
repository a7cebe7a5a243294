"""nginx forwards what the Node server forwards, and gives the same answer when a service is away."""

import http.client
import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.e2e.product import free_ports, wait_until

from .conftest import nginx
from .echo import echo
from .rig import PATIENCE_S, get

Edges = dict[str, str]

CLAIMS = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "https",
    "Forwarded": "for=203.0.113.7;proto=https",
}
# Connection-level headers, and those that the two clients below set differently.
OWN = {"connection", "accept-encoding", "transfer-encoding", "content-length"}
MIB = 1 << 20
UPLOAD = "0f4e4a3c-6f1b-4a55-9d2e-3f3f5f1c2b1a"


def passed_on(url: str, path: str, method: str = "GET", **headers: str) -> dict[str, Any]:
    """What the service saw of a request."""
    answer = httpx2.request(method, f"{url}{path}", headers={"Host": "halftone.example", **headers}, timeout=PATIENCE_S)
    seen: dict[str, Any] = answer.raise_for_status().json()
    seen["headers"] = {name: value for name, value in seen["headers"].items() if name not in OWN}
    return seen


def send(url: str, path: str, size: int, chunked: bool = False, method: str = "POST") -> tuple[int, dict[str, Any]]:
    """Send `size` bytes and return status and body."""
    body = b"x" * size
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE_S)
    chunks = (body[start : start + 65_536] for start in range(0, size, 65_536))
    connection.request(method, path, chunks if chunked else body, encode_chunked=chunked, headers=framing(chunked))
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found


def framing(chunked: bool) -> dict[str, str]:
    return {"Transfer-Encoding": "chunked"} if chunked else {}


@pytest.mark.parametrize("path", ["/api/datasets/?q=a%2Fb", "/admin/", "/static/x", "/.well-known/jwks.json", "/api"])
def test_requests_arrive_as_they_came(edges: Edges, path: str) -> None:
    wanted = passed_on(edges["node"], path, Origin="https://halftone.example", Cookie="a=b", **CLAIMS)
    assert passed_on(edges["nginx"], path, Origin="https://halftone.example", Cookie="a=b", **CLAIMS) == wanted
    assert wanted["headers"]["host"] == "halftone.example"
    assert wanted["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert wanted["headers"]["x-forwarded-proto"] == "http"
    assert "forwarded" not in wanted["headers"]


@pytest.mark.parametrize("claims", [CLAIMS, {}, {"X-Forwarded-For": "203.0.113.7, 10.0.0.1"}])
def test_a_trusted_proxy_is_believed(believing: Edges, claims: dict[str, str]) -> None:
    wanted = passed_on(believing["node"], "/api/me/", **claims)
    assert passed_on(believing["nginx"], "/api/me/", **claims) == wanted
    assert wanted["headers"]["x-forwarded-for"].endswith("127.0.0.1")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS"])
def test_methods_arrive(edges: Edges, method: str) -> None:
    assert passed_on(edges["nginx"], "/api/datasets/x/", method)["method"] == method


def test_answers_pass_untouched(edges: Edges) -> None:
    answer = get(f"{edges['nginx']}/api/x")
    assert answer.headers["location"] == "http://elsewhere/"
    assert "content-security-policy" not in answer.headers


@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_at_the_limit_pass(edges: Edges, chunked: bool) -> None:
    assert send(edges["nginx"], "/api/datasets/", MIB, chunked)[1]["size"] == MIB
    assert send(edges["nginx"], "/api/uploads/", 3 * MIB, chunked)[1]["size"] == 3 * MIB


def test_a_part_of_an_upload_is_as_large_as_it_likes(edges: Edges) -> None:
    """No header of tus is lost, and a part is not a body of 1 MiB."""
    for edge in edges.values():
        assert send(edge, f"/api/uploads/{UPLOAD}/", 3 * MIB, method="PATCH")[1]["size"] == 3 * MIB
        assert send(edge, f"/api/uploads/{UPLOAD}/", 3 * MIB, chunked=True, method="PATCH")[1]["size"] == 3 * MIB
    tus = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Upload-Checksum": "sha256 YQ=="}
    wanted = passed_on(edges["node"], f"/api/uploads/{UPLOAD}/", "PATCH", **tus)
    assert passed_on(edges["nginx"], f"/api/uploads/{UPLOAD}/", "PATCH", **tus) == wanted
    assert wanted["headers"]["upload-checksum"] == "sha256 YQ=="


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/api/datasets/", MIB),
        ("/admin/login/", MIB),
        ("/api/uploads/", 3 * MIB),
        (f"/api/uploads/{UPLOAD}/preview/", MIB),
    ],
)
def test_bodies_past_the_limit_are_refused(edges: Edges, path: str, limit: int) -> None:
    status, problem = send(edges["nginx"], path, limit + 1)
    assert (status, problem["code"], problem["field"]) == (413, "body_too_large", "")


def test_a_body_without_a_length_is_counted(edges: Edges) -> None:
    status, problem = send(edges["nginx"], "/api/datasets/", MIB + 1, chunked=True)
    assert (status, problem["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("request_line", [("POST", "/api/uploads/"), ("PATCH", f"/api/uploads/{UPLOAD}/")])
def test_an_upload_is_passed_on_while_it_arrives(dist: Path, nowhere: str, request_line: tuple[str, str]) -> None:
    """The service sees the first bytes before the last are sent."""
    with socket.create_server(("127.0.0.1", 0)) as listener, nginx(dist, address(listener), nowhere) as edge:
        client = http.client.HTTPConnection(urlsplit(edge.url).netloc, timeout=PATIENCE_S)
        client.putrequest(*request_line)
        client.putheader("Content-Length", "1000000")
        client.endheaders(b"first bytes")
        listener.settimeout(PATIENCE_S)
        service, _ = listener.accept()
        service.settimeout(PATIENCE_S)
        seen = b""
        while b"first bytes" not in seen:
            seen += service.recv(65_536)
        service.close()
        client.close()


@pytest.mark.parametrize(
    ("path", "code"), [("/compute/kinds", "compute_unavailable"), ("/ws/compute", "compute_unavailable")]
)
def test_a_gateway_that_is_away(edges: Edges, path: str, code: str) -> None:
    for edge in edges.values():
        answer = get(f"{edge}{path}", headers={"X-Request-Id": "asked-by-me"})
        assert answer.status_code == 502
        assert answer.json()["code"] == code
        assert answer.json()["request_id"] == "asked-by-me"
        assert answer.headers["retry-after"] == "1"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "application/json"


def test_an_id_that_is_none_is_replaced(edges: Edges) -> None:
    for edge in edges.values():
        answer = get(f"{edge}/compute/kinds", headers={"X-Request-Id": 'a"b'})
        assert answer.json()["request_id"].replace("-", "").isalnum()


def test_problems_of_nginx_are_worded_as_nodes(edges: Edges) -> None:
    details = [get(f"{edge}/compute/kinds").json()["detail"] for edge in edges.values()]
    assert details[0] == details[1]


def test_a_service_that_comes_back_is_found(dist: Path, nowhere: str) -> None:
    (port,) = free_ports(1)
    with nginx(dist, f"127.0.0.1:{port}", nowhere) as edge:
        assert get(f"{edge.url}/api/me/").json()["code"] == "auth_unavailable"
        with echo(port):
            wait_until(lambda: get(f"{edge.url}/api/me/").is_success, "an answer of the service")


@pytest.mark.parametrize("log", ["0", "1"])
def test_the_access_log_is_json_or_nothing(dist: Path, service: str, nowhere: str, log: str) -> None:
    with nginx(dist, service, nowhere, log=log) as edge:
        get(f"{edge.url}/login?token=secret", headers={"User-Agent": 'a"b'})
        get(f"{edge.url}/healthz")
        # A line is written after the answer.
        edge.quit()
        lines = [json.loads(line) for line in edge.log.splitlines() if line.startswith("{")]
        assert [(line["method"], line["path"], line["status"]) for line in lines] == [
            ("GET", "/index.html", 200)
        ] * int(log)
        assert "secret" not in edge.log


def address(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"{host}:{port}"
