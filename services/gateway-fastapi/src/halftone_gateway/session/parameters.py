"""The parameters of one view: its kind, options and viewport, and the plan they become under a grant."""

from dataclasses import dataclass, replace

from halftone.v1.frame_pb2 import Viewport
from halftone.v1.session_pb2 import Lattice, Open, Opened, Set
from halftone_views import TILE, PlannedView, View, merge_patch, validate_options

from halftone_gateway.access.granted import GrantedVersion
from halftone_gateway.pieces.planning import extent_of, filled_options, options_of, whole_extent_of


@dataclass(frozen=True, slots=True)
class Parameters:
    """One state of a view. `options` are as the client set them, `view` is what the kind made of them."""

    seq: int
    kind: str
    options: dict[str, object]
    view: View
    viewport: Viewport

    @classmethod
    def of(cls, message: Open) -> "Parameters":
        """The first state. Raises HalftoneError for a kind or an option that does not exist."""
        options = options_of(message.options)
        return cls(message.seq, message.kind, options, validate_options(message.kind, options), message.viewport)

    def changed(self, message: Set) -> "Parameters":
        """The next state: options are merged as RFC 7396 says. Raises HalftoneError for an option that is refused."""
        new = replace(self, seq=message.seq)
        if message.HasField("options"):
            options = merge_patch(self.options, options_of(message.options))
            new = replace(new, options=options, view=validate_options(self.kind, options))
        return replace(new, viewport=message.viewport) if message.HasField("viewport") else new

    def opened(self, view_id: int, seq: int, granted: GrantedVersion, planned: PlannedView) -> Opened:
        """The answer to `open`."""
        return Opened(
            view_id=view_id,
            version=granted.version,
            extent=extent_of(self.view, granted),
            columns=[column.to_proto() for column in granted.table.columns.values()],
            lattice=Lattice(tile_cells=TILE),
            options=filled_options(self.view, granted),
            seq=seq,
            quantity=planned.quantity,
            x=planned.x,
            y=planned.y,
            whole=whole_extent_of(self.view, granted),
            equal_aspect=self.view.is_map(granted.table),
        )
