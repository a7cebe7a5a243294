"""The right of one view to its data: from the first grant over its renewals to its end."""

import math
from collections.abc import Iterable, Mapping
from enum import Enum, auto
from typing import Final

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_gateway.access.granted import GrantedVersion

RENEW_RETRY_S: Final = 5.0
# Refusals that end a view, and the code of its `closed`. After any other error the grant is fetched again.
CLOSED_AS: Final[Mapping[ErrorCode, ErrorCode]] = {
    ErrorCode.UNKNOWN_DATASET: ErrorCode.FORBIDDEN,
    ErrorCode.NOT_FOUND: ErrorCode.FORBIDDEN,
    ErrorCode.FORBIDDEN: ErrorCode.FORBIDDEN,
    ErrorCode.VERSION_GONE: ErrorCode.VERSION_GONE,
}


class AccessState(Enum):
    """Whether a view may show its data.

    | state | event | next |
    |---|---|---|
    | WANTED | GRANT | GRANTED |
    | WANTED | LOSE | GONE |
    | GRANTED | RENEW | RENEWING |
    | RENEWING | GRANT | GRANTED |
    | RENEWING | POSTPONE | GRANTED |
    | RENEWING | LOSE | GONE |
    """

    # The first grant is being fetched.
    WANTED = auto()
    GRANTED = auto()
    # A fresh grant is being fetched; the old one still counts.
    RENEWING = auto()
    # Refused, or no longer covers what the view shows.
    GONE = auto()


class AccessEvent(Enum):
    """What changes the access of a view."""

    GRANT = auto()
    RENEW = auto()
    POSTPONE = auto()
    LOSE = auto()


TRANSITIONS: Final[Mapping[tuple[AccessState, AccessEvent], AccessState]] = {
    (AccessState.WANTED, AccessEvent.GRANT): AccessState.GRANTED,
    (AccessState.WANTED, AccessEvent.LOSE): AccessState.GONE,
    (AccessState.GRANTED, AccessEvent.RENEW): AccessState.RENEWING,
    (AccessState.RENEWING, AccessEvent.GRANT): AccessState.GRANTED,
    (AccessState.RENEWING, AccessEvent.POSTPONE): AccessState.GRANTED,
    (AccessState.RENEWING, AccessEvent.LOSE): AccessState.GONE,
}


class Access:
    """Times are in seconds on the clock of the session. `version_id` is empty while the newest version is wanted."""

    def __init__(self, dataset: str, version_id: str) -> None:
        self.dataset = dataset
        self._version_id = version_id
        self._state = AccessState.WANTED
        self._granted: GrantedVersion | None = None
        self._renew_at = math.inf

    @property
    def state(self) -> AccessState:
        return self._state

    @property
    def granted(self) -> GrantedVersion | None:
        """The grant that counts now; None before the first."""
        return self._granted

    @property
    def version_id(self) -> str:
        """The version of the grant; before the first, the one that was asked for."""
        return self._granted.version.version_id if self._granted else self._version_id

    @property
    def renew_at(self) -> float:
        """When a fresh grant is due; infinity while one is being fetched."""
        return self._renew_at

    def covers(self, dataset_id: str) -> bool:
        """Whether the view shows this dataset; an empty id stands for any."""
        return self._granted is not None and dataset_id in ("", self._granted.grant.dataset_id)

    def accept(self, granted: GrantedVersion, columns: Iterable[str]) -> None:
        """A grant has come. Raises `forbidden` when a renewed one no longer covers the `columns` of the view."""
        if self._granted is not None and not _extends(self._granted, granted, columns):
            self._on(AccessEvent.LOSE)
            raise HalftoneError(ErrorCode.FORBIDDEN)
        self._on(AccessEvent.GRANT)
        self._granted = granted
        self._renew_at = granted.renew_at

    def renew(self) -> bool:
        """Begins to fetch a fresh grant; False when one is being fetched already."""
        if self._state is not AccessState.GRANTED:
            return False
        self._on(AccessEvent.RENEW)
        self._renew_at = math.inf
        return True

    def deny(self, code: ErrorCode, now: float) -> bool:
        """A grant could not be fetched. True when the data may not be shown; else the old one counts until a retry."""
        if self._state is AccessState.WANTED or code in CLOSED_AS:
            self._on(AccessEvent.LOSE)
            return True
        self._on(AccessEvent.POSTPONE)
        self._renew_at = now + RENEW_RETRY_S
        return False

    def _on(self, event: AccessEvent) -> None:
        self._state = TRANSITIONS[self._state, event]


def _extends(old: GrantedVersion, new: GrantedVersion, columns: Iterable[str]) -> bool:
    """Whether a grant shows the same rows of the same version, and all of these columns."""
    same = old.version.version_id == new.version.version_id and old.grant.policy_hash == new.grant.policy_hash
    return same and all(new.grant.allows(name) and name in new.table.columns for name in columns)
