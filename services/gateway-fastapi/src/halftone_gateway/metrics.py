"""Metrics of the gateway, described in `docs/metrics/gateway.md`."""

from typing import Final

from halftone_servicekit.metrics import counter, gauge, histogram

CONNECTIONS: Final = gauge("gateway_ws_connections", "Open sockets.")
REFUSED: Final = counter("gateway_ws_refused", "Sockets refused before the upgrade, by code.", ["code"])
CLOSED: Final = counter("gateway_ws_closed", "Sockets closed by the gateway, by close code.", ["code"])
VIEWS: Final = gauge("gateway_views", "Open views.")
MESSAGES: Final = counter("gateway_messages", "Messages received, by type.", ["type"])
FRAMES: Final = counter("gateway_frames", "Frames sent, by status.", ["status"])
BYTES_SENT: Final = counter("gateway_sent_bytes", "Bytes of messages sent on sockets.")
ERRORS: Final = counter("gateway_errors", "Errors sent to clients, by code.", ["code"])
PIECES: Final = counter("gateway_pieces", "Pieces of frames, by where they came from.", ["source"])
CACHE_BYTES: Final = gauge("gateway_piece_cache_bytes", "Bytes in the piece cache.")
RENDER_SECONDS: Final = histogram("gateway_render_seconds", "Time from a wanted frame to its last piece.")
RENDERS: Final = counter("gateway_renders", "Requests to compute, by how they ended.", ["outcome"])
COMPUTE_CONNECTED: Final = gauge("gateway_compute_connected", "Compute services with an open stream.")
GRANTS: Final = counter("gateway_grants", "Grants asked of the auth service, by how it ended.", ["outcome"])
EVENTS: Final = counter("gateway_events", "Events read from the auth service, by kind.", ["kind"])
EVENT_POLLS: Final = counter("gateway_event_polls", "Looks for events, by how they ended.", ["outcome"])
