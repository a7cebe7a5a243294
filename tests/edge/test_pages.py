"""What nginx serves by itself is what the Node server serves."""

import gzip
import http.client
import json
from urllib.parse import urlsplit

import httpx2
import pytest

from .rig import PATIENCE_S, directives, get

Edges = dict[str, str]

PATHS = [
    "/",
    "/index.html",
    "/login",
    "/d/flights/explore?x=date",
    "/assets",
    "/assets/index-AbC123.js",
    "/assets/index-AbC123.css",
    "/assets/small-D.js",
    "/assets/font-E.woff2",
    "/assets/missing.js",
    "/assets/missing",
    "/favicon.svg",
    "/manifest.webmanifest",
    "/missing.png",
    "/.vite/manifest.json",
    "/d/.hidden/x",
    "/index.html.gz",
    "/assets/index-AbC123.js.br",
    "/api/internal/events/",
    "/api/internal",
    "/API/Internal/events/",
    "//api//internal/events/",
    "/%61pi/internal/events/",
]
COMPARED = [
    "allow",
    "cache-control",
    "content-encoding",
    "content-security-policy",
    "content-type",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "referrer-policy",
    "retry-after",
    "strict-transport-security",
    "vary",
    "x-content-type-options",
    "x-frame-options",
]


def seen(url: str, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], object]:
    """Status, the headers that matter, and the body (of a problem: its code)."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE_S)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    named = {name.lower(): value for name, value in answer.getheaders() if name.lower() in COMPARED}
    if named.get("content-type") == "application/json" and answer.status >= 400 and body:
        problem = json.loads(body)
        assert list(problem) == ["code", "field", "detail", "request_id"]
        return answer.status, named, problem["code"]
    # Two compressors need not agree on bytes.
    return answer.status, named, None if "content-encoding" in named else body


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br", "gzip, deflate, br", "br;q=0, gzip"])
@pytest.mark.parametrize("path", PATHS)
def test_pages_are_the_same(edges: Edges, path: str, encoding: str) -> None:
    assert seen(edges["nginx"], path, **{"Accept-Encoding": encoding}) == seen(
        edges["node"], path, **{"Accept-Encoding": encoding}
    )


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/login", "/assets/index-AbC123.js"])
def test_other_methods_are_the_same(edges: Edges, path: str, method: str) -> None:
    assert seen(edges["nginx"], path, method) == seen(edges["node"], path, method)


@pytest.mark.parametrize(
    "path",
    [
        "/../etc/passwd",
        "/api/../metrics",
        "/api/%2e%2e/metrics",
        "/api/x/..%2finternal/events/",
        "/api/..\\internal/",
        "/..",
        "/%zz",
        "/a%00b",
    ],
)
def test_paths_that_climb_are_refused(edges: Edges, path: str) -> None:
    status, headers, code = seen(edges["nginx"], path)
    assert (status, code) == (400, "bad_message")
    assert headers["content-type"] == "application/json"
    assert seen(edges["node"], path)[0] == 400


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/metrics/", "/api/internal/jobs/claim/"])
def test_what_is_for_the_cluster_stays_there(edges: Edges, path: str) -> None:
    assert seen(edges["nginx"], path)[::2] == (404, "not_found")


def test_compressed_twins_hold_the_same(edges: Edges, dist: object) -> None:
    plain = get(f"{edges['nginx']}/assets/index-AbC123.js", headers={"Accept-Encoding": "identity"})
    with httpx2.stream(
        "GET",
        f"{edges['nginx']}/assets/index-AbC123.js",
        headers={"Accept-Encoding": "gzip"},
        timeout=PATIENCE_S,
    ) as answer:
        packed = b"".join(answer.iter_raw())
    assert len(packed) < len(plain.content) / 5
    assert gzip.decompress(packed) == plain.content


def test_an_asset_is_not_sent_twice(edges: Edges) -> None:
    first = get(f"{edges['nginx']}/assets/small-D.js")
    again = get(f"{edges['nginx']}/assets/small-D.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_no_date_decides_about_files_that_keep_their_name(edges: Edges) -> None:
    answer = get(f"{edges['nginx']}/favicon.svg")
    assert not {"etag", "last-modified"} & set(answer.headers)


def test_health_is_nginxs_own(edges: Edges) -> None:
    assert get(f"{edges['nginx']}/healthz").text == "ok\n"


def test_security_headers_are_told_in_one_place(edges: Edges) -> None:
    served = get(edges["node"]).headers
    told = directives("page.conf")
    assert len(told) == 8
    assert told == {name: served[name] for name in told}


def test_the_server_does_not_tell_its_version(edges: Edges) -> None:
    assert get(edges["nginx"]).headers["server"] == "nginx"
