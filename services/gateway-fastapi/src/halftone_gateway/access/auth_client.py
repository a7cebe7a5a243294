"""The gateway's calls to the auth service over HTTP."""

from typing import Final
from urllib.parse import quote

import httpx2
from halftone_servicekit.errors import ErrorCode, HalftoneError

_TIMEOUT_S: Final = 5.0
_MAX_BODY_BYTES: Final = 16 * 1024 * 1024
# Codes of refusals that clients get unchanged.
_RELAYED: Final = (ErrorCode.VERSION_GONE, ErrorCode.FORBIDDEN, ErrorCode.TOKEN_EXPIRED, ErrorCode.UNKNOWN_FIELD)
_STATUSES: Final = {
    401: ErrorCode.TOKEN_INVALID,
    403: ErrorCode.FORBIDDEN,
    404: ErrorCode.UNKNOWN_DATASET,
    410: ErrorCode.VERSION_GONE,
}

JsonObject = dict[str, object]


class AuthClient:
    """Raises HalftoneError: refusals by their meaning, everything else as `auth_unavailable`."""

    def __init__(self, base_url: str, service_token: str | None) -> None:
        self._client = httpx2.AsyncClient(base_url=base_url, timeout=_TIMEOUT_S, follow_redirects=False)
        self._service_token = service_token

    async def close(self) -> None:
        await self._client.aclose()

    async def grant(self, access_token: str, slug: str, version_id: str) -> JsonObject:
        """The answer of `GET /api/datasets/{slug}/grant/`."""
        query = {"version": version_id} if version_id else {}
        return await self._get(f"/api/datasets/{quote(slug, safe='')}/grant/", access_token, query)

    async def events(self, after: int | None, wait_s: int = 0) -> JsonObject:
        """The answer of `GET /api/internal/events/`, which auth holds for `wait_s` until there is an event.

        Raises HalftoneError `unknown_field` when auth does not know `wait`.
        """
        query = {} if after is None else {"after": str(after)}
        if wait_s:
            query["wait"] = str(wait_s)
        return await self._get("/api/internal/events/", self._service_token or "", query, wait_s)

    async def _get(self, path: str, token: str, query: dict[str, str], wait_s: int = 0) -> JsonObject:
        try:
            response = await self._send(path, token, query, wait_s)
            body = response.json() if len(response.content) <= _MAX_BODY_BYTES else None
        except (httpx2.HTTPError, ValueError) as error:
            raise HalftoneError(ErrorCode.AUTH_UNAVAILABLE, retry_after_ms=1000) from error
        if response.status_code == 200 and isinstance(body, dict):
            return body
        raise _refusal(response.status_code, body)

    async def _send(self, path: str, token: str, query: dict[str, str], wait_s: int) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {token}"}
        timeout = httpx2.Timeout(_TIMEOUT_S, read=_TIMEOUT_S + wait_s)
        try:
            return await self._client.get(path, params=query, headers=headers, timeout=timeout)
        except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError):
            # Auth closes idle connections, perhaps just as one is used again: retry once.
            return await self._client.get(path, params=query, headers=headers, timeout=timeout)


def _refusal(status: int, body: object) -> HalftoneError:
    code = body.get("code") if isinstance(body, dict) else None
    if 400 <= status < 500 and code in _RELAYED:
        return HalftoneError(ErrorCode(code))
    if status in _STATUSES:
        field = "dataset" if status == 404 else ""
        return HalftoneError(_STATUSES[status], field=field)
    return HalftoneError(ErrorCode.AUTH_UNAVAILABLE, retry_after_ms=1000)
