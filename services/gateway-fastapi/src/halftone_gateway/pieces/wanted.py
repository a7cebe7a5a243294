"""What a frame still needs."""

from dataclasses import dataclass

from halftone_gateway.access.granted import Access
from halftone_gateway.pieces.cache import Scope
from halftone_gateway.pieces.planning import Planned

# A piece id with the serialised piece.
Encoded = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Places `missing` of a plan's pieces, to be made under a grant."""

    access: Access
    planned: Planned
    missing: tuple[int, ...]
    traceparent: str

    @property
    def scope(self) -> Scope:
        return Scope(self.access.version.version_id, self.access.grant.policy_hash)
