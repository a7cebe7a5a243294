"""Writes the Grafana dashboards of the chart: `python deploy/grafana/dashboards.py [FOLDER]`.

A dashboard is a list of panels, a panel a title, a unit and its queries; everything else is the same for all.
"""

import json
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).parents[1] / "helm" / "halftone" / "files" / "dashboards"
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH, HEIGHT = 8, 8
PER_ROW = 24 // WIDTH

Unit = Literal["short", "s", "bytes", "reqps", "percentunit", "Bps", "cps"]


@dataclass(frozen=True, slots=True)
class Panel:
    """One graph. `queries` maps a legend to PromQL; NS stands for the namespace's matcher."""

    title: str
    unit: Unit
    queries: dict[str, str]
    description: str = ""


def quantile(share: float, metric: str, by: str = "") -> str:
    """A percentile of a histogram over five minutes."""
    labels = ", ".join(filter(None, ("le", by)))
    return f"histogram_quantile({share}, sum by ({labels}) (rate({metric}_bucket{{NS}}[5m])))"


def rate(metric: str, by: str = "", more: str = "") -> str:
    """The rate of a counter over five minutes, summed."""
    group = f" by ({by})" if by else ""
    return f"sum{group} (rate({metric}_total{{NS{more}}}[5m]))"


def ratio(part: str, whole: str) -> str:
    return f"{part} / {whole}"


def mean(metric: str, by: str) -> str:
    """The mean of a histogram over five minutes."""
    whole, number = (f"sum by ({by}) (rate({metric}_{ending}{{NS}}[5m]))" for ending in ("sum", "count"))
    return ratio(whole, number)


PEOPLE = [
    Panel("Open sockets", "short", {"{{pod}}": "halftone_gateway_ws_connections{NS}"}),
    Panel("Pictures", "reqps", {"{{status}}": rate("halftone_gateway_frames", "status")}),
    Panel(
        "Wanted to last piece",
        "s",
        {
            name: quantile(share, "halftone_gateway_render_seconds")
            for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
        },
        "From the moment a picture is wanted until its last piece is there.",
    ),
    Panel(
        "Pieces by source",
        "reqps",
        {"{{source}}": rate("halftone_gateway_pieces", "source")},
        "Pieces that compute did not make were held by the client, cached, or shared with another request.",
    ),
    Panel(
        "Share of pieces from caches",
        "percentunit",
        {"share": ratio(rate("halftone_gateway_pieces", more=', source!="compute"'), rate("halftone_gateway_pieces"))},
    ),
    Panel("Errors sent to clients", "reqps", {"{{code}}": rate("halftone_gateway_errors", "code")}),
    Panel("Sockets closed", "reqps", {"{{code}}": rate("halftone_gateway_ws_closed", "code")}),
    Panel("Sockets refused", "reqps", {"{{code}}": rate("halftone_gateway_ws_refused", "code")}),
    Panel("Bytes to browsers", "Bps", {"sent": rate("halftone_gateway_sent_bytes")}),
    Panel("Event loop lag, p99", "s", {"{{pod}}": quantile(0.99, "halftone_gateway_event_loop_lag_seconds", "pod")}),
    Panel("Messages", "reqps", {"{{type}}": rate("halftone_gateway_messages", "type")}),
    Panel("Sign-ins", "reqps", {"{{outcome}}": rate("halftone_auth_sign_ins", "outcome")}),
]

COMPUTE = [
    Panel(
        "Load per slot",
        "short",
        {"{{pod}}": "halftone_compute_slot_load{NS}"},
        "What the scaler looks at: (running + queued) / slots.",
    ),
    Panel(
        "Slots",
        "short",
        {"busy": "sum(halftone_compute_slots_busy{NS})", "there are": "sum(halftone_compute_slots{NS})"},
    ),
    Panel("Waiting for a slot", "short", {"{{pod}}": "halftone_compute_queue_waiting{NS}"}),
    Panel(
        "Wait for a slot",
        "s",
        {
            "p50": quantile(0.5, "halftone_compute_queue_seconds"),
            "p95": quantile(0.95, "halftone_compute_queue_seconds"),
        },
    ),
    Panel("Stages, p95", "s", {"{{stage}}": quantile(0.95, "halftone_compute_stage_seconds", "stage")}),
    Panel("Request to last reply, p95", "s", {"{{rpc}}": quantile(0.95, "halftone_compute_request_seconds", "rpc")}),
    Panel("Pieces made", "reqps", {"{{pod}}": rate("halftone_compute_pieces", "pod")}),
    Panel("Pieces shared within a pass", "reqps", {"{{pod}}": rate("halftone_compute_pieces_shared", "pod")}),
    Panel("Rows scanned", "cps", {"{{pod}}": rate("halftone_compute_rows_scanned", "pod")}),
    Panel("Errors", "reqps", {"{{code}}": rate("halftone_compute_errors", "code")}),
    Panel("Streams of gateways", "short", {"{{pod}}": "halftone_compute_streams{NS}"}),
    Panel("Compute services a gateway reaches", "short", {"{{pod}}": "halftone_gateway_compute_connected{NS}"}),
    Panel(
        "Engines in use",
        "short",
        {"{{backend}} {{device}}": "sum by (backend, device) (halftone_compute_backend_info{NS})"},
        "Pods that draw with each. A pod of the pool for cards with the engine `cpu` has no card that works.",
    ),
    Panel(
        "Memory of cards",
        "bytes",
        {"{{pod}} {{kind}}": "halftone_compute_gpu_mem_bytes{NS}"},
        "Columns that lie on a card, and what they may take.",
    ),
    Panel("Columns that left a card to make room", "reqps", {"{{pod}}": rate("halftone_compute_gpu_evictions", "pod")}),
    Panel("Launches on cards", "reqps", {"{{pod}}": rate("halftone_compute_gpu_launches", "pod")}),
    Panel(
        "Pictures in one launch",
        "short",
        {"{{pod}}": mean("halftone_compute_gpu_batch_views", "pod")},
        "On average: how many people a card serves with one pass.",
    ),
    Panel("Pictures by a slower engine", "reqps", {"{{reason}}": rate("halftone_compute_degraded", "reason")}),
]

JOBS = [
    Panel("Jobs by state", "short", {"{{state}}": "max by (state) (halftone_auth_jobs{NS})"}),
    Panel("Running now", "short", {"{{pod}}": "halftone_ingest_running{NS}"}),
    Panel("Ended", "reqps", {"{{outcome}}": rate("halftone_ingest_jobs", "outcome")}),
    Panel(
        "Claim to outcome",
        "s",
        {"p50": quantile(0.5, "halftone_ingest_seconds"), "p95": quantile(0.95, "halftone_ingest_seconds")},
    ),
    Panel("Rows published", "cps", {"rows": rate("halftone_ingest_rows")}),
    Panel("Bytes published", "Bps", {"bytes": rate("halftone_ingest_bytes")}),
    Panel("Calls to auth", "reqps", {"{{result}}": rate("halftone_ingest_auth_calls", "result")}),
    Panel("Wake-ups", "reqps", {"messages": rate("halftone_ingest_wakes")}),
    Panel(
        "Requests to auth, p95",
        "s",
        {"{{view}}": quantile(0.95, "halftone_auth_django_http_requests_latency_seconds_by_view_method", "view")},
    ),
    Panel(
        "Answers of auth",
        "reqps",
        {"{{status}}": rate("halftone_auth_django_http_responses_total_by_status", "status")},
    ),
    Panel("Time in the database, p95", "s", {"{{route}}": quantile(0.95, "halftone_auth_database_seconds", "route")}),
    Panel("Good sessions", "short", {"sessions": "max(halftone_auth_sessions{NS})"}),
]

DASHBOARDS = {
    "people": ("Halftone: what people meet", PEOPLE),
    "compute": ("Halftone: compute", COMPUTE),
    "jobs": ("Halftone: imports and accounts", JOBS),
}


def dashboard(name: str, title: str, panels: list[Panel]) -> dict[str, Any]:
    """Grafana's model of one dashboard."""
    return {
        "uid": f"halftone-{name}",
        "title": title,
        "tags": ["halftone"],
        "timezone": "browser",
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": [_datasource(), _namespace()]},
        "panels": [_panel(place, panel) for place, panel in enumerate(panels)],
    }


def _panel(place: int, panel: Panel) -> dict[str, Any]:
    letters = map(chr, count(ord("A")))
    return {
        "id": place + 1,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.description,
        "datasource": DATASOURCE,
        "gridPos": {"x": place % PER_ROW * WIDTH, "y": place // PER_ROW * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": letter, "expr": query.replace("NS", 'namespace="$namespace"'), "legendFormat": legend}
            for letter, (legend, query) in zip(letters, panel.queries.items(), strict=False)
        ],
    }


def _datasource() -> dict[str, Any]:
    return {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Data source"}


def _namespace() -> dict[str, Any]:
    query = "label_values(halftone_gateway_ws_connections, namespace)"
    return {
        "name": "namespace",
        "type": "query",
        "label": "Namespace",
        "datasource": DATASOURCE,
        "query": {"query": query, "refId": "namespace"},
        "refresh": 2,
        "sort": 1,
    }


def main(folder: Path = FOLDER) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, (title, panels) in DASHBOARDS.items():
        text = json.dumps(dashboard(name, title, panels), indent=1)
        (folder / f"{name}.json").write_text(f"{text}\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
