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
    """Who asks, in which session, for which version; empty: the newest.

    Auth decides with the token of that session, so a session never gets a grant that another has fetched.
    """

    subject: str
    session_id: str
    dataset: str
    version_id: str


@dataclass(frozen=True, slots=True)
class Change:
    """What auth has announced: grants of a dataset, of a person, of a session. An empty part stands for any."""

    dataset_id: str = ""
    subject: str = ""
    session_id: str = ""

    def concerns(self, key: GrantKey, dataset_id: str = "") -> bool:
        """Whether a grant may be another since; an empty id: it is not known of which dataset the grant is."""
        is_same_dataset = not self.dataset_id or not dataset_id or self.dataset_id == dataset_id
        return is_same_dataset and self.subject in ("", key.subject) and self.session_id in ("", key.session_id)


@dataclass(frozen=True, slots=True)
class GrantFetch:
    """A request for a grant that is under way, and what auth has announced since it began."""

    task: asyncio.Task[GrantedVersion | None]
    changes: list[Change]


class Grants:
    """Views of one session that need the same grant share one fetch, and its result.

    What auth announces while a request is under way may be newer than its answer, so that answer is not used: a right
    that was taken away does not come back with a grant that was asked for before.
    """

    def __init__(self, auth: AuthClient, verifier: TokenVerifier) -> None:
        self._auth = auth
        self._verifier = verifier
        self._cached: LRUCache[GrantKey, GrantedVersion] = LRUCache(_CAPACITY)
        self._fetches: dict[GrantKey, GrantFetch] = {}

    async def get(self, access_token: str, key: GrantKey, *, fresh: bool = False) -> GrantedVersion:
        """A grant as auth knows it now; `fresh`: fetched, not cached.

        Raises `unknown_dataset`, `forbidden`, `version_gone`, `param_invalid` or `auth_unavailable`.
        """
        _check(key)
        cached = self._cached.get(key)
        if cached and not fresh and asyncio.get_running_loop().time() < cached.renew_at:
            return cached
        while True:
            fetch = self._fetches.get(key) or self._begin(access_token, key)
            # Shielded: a waiter that is cancelled must not cancel the fetch for the others.
            granted = await asyncio.shield(fetch.task)
            # Not cached: announced changes have overtaken it, perhaps just before this waiter went on.
            if granted is not None and self._cached.get(key) is granted:
                return granted

    def forget(self, change: Change) -> None:
        """Drops the cached grants that a change concerns, and the answers to requests that are under way."""
        gone = [key for key, access in self._cached.items() if change.concerns(key, access.grant.dataset_id)]
        for key in gone:
            del self._cached[key]
        for fetch in self._fetches.values():
            fetch.changes.append(change)

    def _begin(self, access_token: str, key: GrantKey) -> GrantFetch:
        changes: list[Change] = []
        task = asyncio.create_task(self._fetch(access_token, key, changes))
        self._fetches[key] = fetch = GrantFetch(task, changes)
        return fetch

    async def _fetch(self, access_token: str, key: GrantKey, changes: list[Change]) -> GrantedVersion | None:
        """Caches the grant, in the same step in which it counts as fetched. None when changes have overtaken it."""
        try:
            answer = await self._auth.grant(access_token, key.dataset, key.version_id)
            access = await self._read(answer, key)
        except HalftoneError as error:
            GRANTS.labels(error.code.value).inc()
            if error.code != ErrorCode.AUTH_UNAVAILABLE and any(change.concerns(key) for change in changes):
                return None
            raise
        finally:
            del self._fetches[key]
        GRANTS.labels("granted").inc()
        if any(change.concerns(key, access.grant.dataset_id) for change in changes):
            return None
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
