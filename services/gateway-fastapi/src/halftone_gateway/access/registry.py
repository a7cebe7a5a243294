"""The sockets of the process: bounded in number, and found by the person who has signed in."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Generic, TypeVar

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_gateway.metrics import CONNECTIONS

C = TypeVar("C", bound=Hashable)


class Registry(Generic[C]):
    """Connections are keys: their fields are never read.

    Bounds: sockets in all, of one person, and without `auth` in all and from one address.
    """

    def __init__(self, sockets: int, per_user: int, unauthenticated: int, unauthenticated_per_address: int) -> None:
        self._draining = False
        self._sockets = sockets
        self._per_user = per_user
        self._unauthenticated = unauthenticated
        self._per_address = unauthenticated_per_address
        self._pending: dict[C, str] = {}
        self._addresses: Counter[str] = Counter()
        self._people: dict[C, str] = {}

    @property
    def draining(self) -> bool:
        """Whether the process is about to stop and takes no new sockets."""
        return self._draining

    def drain(self) -> None:
        self._draining = True

    def __iter__(self) -> Iterator[C]:
        return iter([*self._pending, *self._people])

    def has_room(self, address: str) -> bool:
        """Whether another socket may come from this address."""
        return (
            len(self._pending) + len(self._people) < self._sockets
            and len(self._pending) < self._unauthenticated
            and self._addresses[address] < self._per_address
        )

    def enter(self, connection: C, address: str) -> None:
        """A new socket that has not signed in."""
        self._pending[connection] = address
        self._addresses[address] += 1
        CONNECTIONS.inc()

    def sign_in(self, connection: C, subject: str) -> None:
        """Raises `socket_limit`."""
        if sum(person == subject for person in self._people.values()) >= self._per_user:
            raise HalftoneError(ErrorCode.SOCKET_LIMIT)
        self._forget_pending(connection)
        self._people[connection] = subject

    def leave(self, connection: C) -> None:
        self._forget_pending(connection)
        self._people.pop(connection, None)
        CONNECTIONS.dec()

    def signed_in(self, matches: Callable[[C], bool] = lambda _: True) -> Iterable[C]:
        """Sockets that have signed in, as a copy: a caller that closes one changes the registry."""
        return [connection for connection in self._people if matches(connection)]

    def _forget_pending(self, connection: C) -> None:
        address = self._pending.pop(connection, None)
        if address is not None:
            self._addresses[address] -= 1
            self._addresses += Counter()
