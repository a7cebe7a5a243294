"""Rows without a place, for frames that compute made no piece of: from statistics, or from an earlier receipt."""

from collections import OrderedDict
from typing import Final

from halftone.v1.frame_pb2 import Receipt, Unplaced
from halftone_views.receipts import unplaced_of
from halftone_views.receipts.unplaced import PlacedBy, axes_of

from halftone_gateway.pieces.cache import Scope
from halftone_gateway.pieces.frame_request import FrameRequest

_CAPACITY: Final = 10_000

# Rows of a version as a policy shows them, and the axes and the value column that say which have no place.
_Key = tuple[Scope, tuple[PlacedBy, ...], str]


class KnownUnplaced:
    """What is known of the unplaced rows of versions. They are the same for every viewport and level."""

    def __init__(self) -> None:
        # None: a compute service of an earlier release has made a piece and did not say.
        self._known: OrderedDict[_Key, Unplaced | None] = OrderedDict()

    def of(self, request: FrameRequest) -> Unplaced | None:
        """None: only compute can tell, which reads the rows."""
        return self._known.get(_key(request)) or unplaced_of(request.resolved.plan, request.granted.table.columns)

    def is_to_ask(self, request: FrameRequest) -> bool:
        """Whether compute is to be asked for a piece for the sake of its receipt."""
        return _key(request) not in self._known and self.of(request) is None

    def learn(self, request: FrameRequest, receipt: Receipt) -> None:
        """Keeps what a receipt of compute says."""
        self._known[_key(request)] = receipt.unplaced if receipt.HasField("unplaced") else None
        if len(self._known) > _CAPACITY:
            self._known.popitem(last=False)


def _key(request: FrameRequest) -> _Key:
    plan = request.resolved.plan
    return request.scope, axes_of(plan), plan.value
