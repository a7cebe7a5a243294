"""What a frame still needs."""

from dataclasses import dataclass

from halftone_gateway.piececache import Scope
from halftone_gateway.planning import Access, Planned


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
