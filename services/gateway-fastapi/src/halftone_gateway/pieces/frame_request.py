"""What a client asked for and does not hold yet."""

from dataclasses import dataclass

from halftone_views import Resolved

from halftone_gateway.access.granted import GrantedVersion
from halftone_gateway.pieces.cache import Scope

# A piece id with the serialised piece.
SerialisedPiece = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """The pieces at the places `missing` of a resolved view, to be made under a grant; `approximate`: those of a sample
    may come first; `packed`: for who reads packed planes.
    """

    granted: GrantedVersion
    resolved: Resolved
    missing: tuple[int, ...]
    traceparent: str
    approximate: bool = False
    packed: bool = False

    @property
    def scope(self) -> Scope:
        return Scope(self.granted.version.version_id, self.granted.grant.policy_hash, self.packed)
