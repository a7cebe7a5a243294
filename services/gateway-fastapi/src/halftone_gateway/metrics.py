"""Metrics of the gateway, described in `docs/metrics/gateway.md`."""

from typing import Final

from halftone_servicekit.metrics import counter, gauge, histogram
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

# Separate from the default registry, which other services share when tests run them in one process.
REGISTRY: Final = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

CONNECTIONS: Final = gauge("gateway_ws_connections", "Open sockets.", registry=REGISTRY)
CONNECTION_LIMIT: Final = gauge("gateway_ws_limit", "Most sockets the process accepts.", registry=REGISTRY)
DRAINING: Final = gauge("gateway_draining", "1 while the process is about to stop.", registry=REGISTRY)
LOOP_LAG: Final = histogram("gateway_event_loop_lag_seconds", "Lag of the event loop.", registry=REGISTRY)
REFUSED: Final = counter(
    "gateway_ws_refused", "Sockets refused before the upgrade, by code.", ["code"], registry=REGISTRY
)
CLOSED: Final = counter(
    "gateway_ws_closed", "Sockets closed by the gateway, by close code.", ["code"], registry=REGISTRY
)
VIEWS: Final = gauge("gateway_views", "Open views.", registry=REGISTRY)
MESSAGES: Final = counter("gateway_messages", "Messages received, by type.", ["type"], registry=REGISTRY)
FRAMES: Final = counter("gateway_frames", "Frames sent, by status.", ["status"], registry=REGISTRY)
BYTES_SENT: Final = counter("gateway_sent_bytes", "Bytes of messages sent on sockets.", registry=REGISTRY)
ERRORS: Final = counter("gateway_errors", "Errors sent to clients, by code.", ["code"], registry=REGISTRY)
PIECES: Final = counter("gateway_pieces", "Pieces of frames, by source.", ["source"], registry=REGISTRY)
CACHE_BYTES: Final = gauge(
    "gateway_piece_cache_bytes", "Bytes in the piece cache, JSON text of pieces included.", registry=REGISTRY
)
SHARED_LOOKUPS: Final = counter(
    "gateway_shared_cache_lookups", "Pieces looked up in the shared cache, by outcome.", ["outcome"], registry=REGISTRY
)
SHARED_WRITES: Final = counter(
    "gateway_shared_cache_writes", "Pieces written to the shared cache, by outcome.", ["outcome"], registry=REGISTRY
)
RENDER_SECONDS: Final = histogram(
    "gateway_render_seconds", "Time from the request of a frame to its last piece.", registry=REGISTRY
)
RENDERS: Final = counter("gateway_renders", "Requests to compute, by outcome.", ["outcome"], registry=REGISTRY)
ROW_PAGES: Final = counter(
    "gateway_row_pages", "Calls of compute for a page of rows, by outcome.", ["outcome"], registry=REGISTRY
)
COMPUTE_CONNECTED: Final = gauge("gateway_compute_connected", "Compute services that take requests.", registry=REGISTRY)
COMPUTE_TARGETS: Final = gauge(
    "gateway_compute_targets", "Known compute services, by pool; 1 is the best.", ["pool"], registry=REGISTRY
)
RENDER_WAITING: Final = gauge(
    "gateway_render_waiting", "Requests waiting because no compute service can be reached.", registry=REGISTRY
)
RENDERS_MOVED: Final = counter(
    "gateway_renders_moved", "Requests moved to another compute service, by reason.", ["reason"], registry=REGISTRY
)
SPILLS: Final = counter(
    "gateway_choice_spills",
    "Requests that went past their first choice, whose load was over the bound.",
    registry=REGISTRY,
)
GRANTS: Final = counter(
    "gateway_grants", "Grants requested from the auth service, by outcome.", ["outcome"], registry=REGISTRY
)
EVENTS: Final = counter("gateway_events", "Events read from the auth service, by kind.", ["kind"], registry=REGISTRY)
EVENT_POLLS: Final = counter("gateway_event_polls", "Polls for events, by outcome.", ["outcome"], registry=REGISTRY)
