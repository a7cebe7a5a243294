"""Grants: fetched from the auth service, verified, and cached while they are valid."""

import asyncio
import re
import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cachetools import LRUCache
from google.protobuf import json_format
from halftone.v1.session_pb2 import Version
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.tokens import TokenVerifier
from halftone_views import ColumnInfo, Table

from halftone_gateway.access.auth_client import AuthClient, JsonObject
from halftone_gateway.access.granted import GrantedVersion
from halftone_gateway.metrics import GRANTS

# A grant is renewed this long before it ends, or at four fifths of a shorter life.
RENEW_BEFORE_S: Final = 60.0
RENEW_SHARE: Final = 0.2
_CAPACITY: Final = 4096
_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,199})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GrantKey:
    """Who asks for which version; empty: the newest."""

    subject: str
    dataset: str
    version_id: str


class Grants:
    """Views of one person that need the same grant share one fetch, and its result."""

    def __init__(self, auth: AuthClient, verifier: TokenVerifier) -> None:
        self._auth = auth
        self._verifier = verifier
        self._cached: LRUCache[GrantKey, GrantedVersion] = LRUCache(_CAPACITY)
        self._fetches: dict[GrantKey, asyncio.Task[GrantedVersion]] = {}

    async def get(self, access_token: str, key: GrantKey, *, fresh: bool = False) -> GrantedVersion:
        """Raises `unknown_dataset`, `forbidden`, `version_gone`, `param_invalid` or `auth_unavailable`."""
        _check(key)
        cached = self._cached.get(key)
        if cached and not fresh and asyncio.get_running_loop().time() < cached.renew_at:
            return cached
        task = self._fetches.get(key)
        if task is None or fresh:
            task = asyncio.create_task(self._fetch(access_token, key))
            self._fetches[key] = task
            task.add_done_callback(lambda done: self._fetches.pop(key) if self._fetches.get(key) is done else None)
        # Shielded: a waiter that is cancelled must not cancel the fetch for the others.
        return await asyncio.shield(task)

    def forget(self, *, dataset_id: str = "", subject: str = "") -> None:
        """Drops the cached grants of a dataset, of a person, or of both together; all grants when neither is given."""
        gone = [
            key
            for key, access in self._cached.items()
            if dataset_id in ("", access.grant.dataset_id) and subject in ("", key.subject)
        ]
        for key in gone:
            del self._cached[key]

    async def _fetch(self, access_token: str, key: GrantKey) -> GrantedVersion:
        try:
            answer = await self._auth.grant(access_token, key.dataset, key.version_id)
            access = await self._read(answer, key)
        except HalftoneError as error:
            GRANTS.labels(error.code.value).inc()
            raise
        GRANTS.labels("granted").inc()
        self._cached[key] = access
        return access

    async def _read(self, answer: JsonObject, key: GrantKey) -> GrantedVersion:
        try:
            token = str(answer["grant"])
            grant = await self._verifier.verify_grant(token)
            version = json_format.ParseDict(_object(answer["version"]), Version(), ignore_unknown_fields=True)
            columns = [ColumnInfo.from_json(_object(column)) for column in _list(answer["columns"])]
        except (KeyError, TypeError, ValueError, json_format.ParseError) as error:
            raise HalftoneError(ErrorCode.AUTH_UNAVAILABLE) from error
        if grant.subject != key.subject or grant.version_id != version.version_id:
            raise HalftoneError(ErrorCode.AUTH_UNAVAILABLE)
        readable = [column for column in columns if grant.allows(column.name)]
        table = Table.of(version.version_id, version.rows, readable)
        left = grant.expires_at - time.time()
        now = asyncio.get_running_loop().time()
        renew_at = now + left - min(RENEW_BEFORE_S, left * RENEW_SHARE)
        return GrantedVersion(token, grant, version, table, now + left, renew_at)


def _check(key: GrantKey) -> None:
    if not _SLUG.fullmatch(key.dataset):
        raise HalftoneError(ErrorCode.UNKNOWN_DATASET, field="dataset")
    if key.version_id:
        try:
            UUID(key.version_id)
        except ValueError as error:
            raise HalftoneError(ErrorCode.PARAM_INVALID, "A version id is a UUID.", field="versionId") from error


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError("an object is expected")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("a list is expected")
    return value
