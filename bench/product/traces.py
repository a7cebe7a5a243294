"""Spans of the product's services: a collector for OTLP in this process."""

from __future__ import annotations

import threading
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Span:
    """Milliseconds since 1970."""

    name: str
    start: float
    end: float


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Keeps what it gets."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._lock = threading.Lock()

    @override
    def Export(
        self, request: trace_service_pb2.ExportTraceServiceRequest, context: object
    ) -> trace_service_pb2.ExportTraceServiceResponse:
        found = [
            Span(span.name, span.start_time_unix_nano / 1e6, span.end_time_unix_nano / 1e6)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        with self._lock:
            self._spans += found
        return trace_service_pb2.ExportTraceServiceResponse()

    def of_frame(self, start: float, end: float) -> list[Span]:
        """The span of the last frame that compute had a part in, of those that began and ended in that time, and all
        spans within it; empty when there is none yet.
        """
        with self._lock:
            spans = sorted(self._spans, key=lambda span: span.start)
        for frame in reversed(spans):
            if frame.name == "frame" and start <= frame.start and frame.end <= end:
                inner = [span for span in spans if frame.start <= span.start and span.end <= frame.end]
                if {"render", "scan", "encode"} <= {span.name for span in inner}:
                    return inner
        return []


@contextmanager
def collecting() -> Iterator[tuple[Collector, dict[str, str]]]:
    """A collector, and the settings of services that send to it."""
    collector = Collector()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)  # type: ignore[no-untyped-call] # not typed there
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield collector, {"HALFTONE_OTLP_ENDPOINT": f"http://127.0.0.1:{port}", "OTEL_BSP_SCHEDULE_DELAY": "100"}
    finally:
        server.stop(None).wait()
