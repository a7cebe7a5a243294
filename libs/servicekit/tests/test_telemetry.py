"""Traces: nothing without an endpoint, one trace id across tiers with one."""

import os
import subprocess
import sys
import threading
from concurrent import futures

import grpc
import pytest
from halftone_servicekit.telemetry import (
    configure_telemetry,
    current_trace_id,
    current_traceparent,
    tracer,
    use_traceparent,
)
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from typing_extensions import override

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_tracing_is_off_without_an_endpoint() -> None:
    assert configure_telemetry("test", None) is None
    with tracer("test").start_as_current_span("nothing"):
        assert current_traceparent() == ""
        assert current_trace_id() == ""


def test_a_remote_parent_is_current_inside_the_block_only() -> None:
    with use_traceparent(PARENT):
        assert current_traceparent() == PARENT
        assert current_trace_id() == PARENT[3:35]
    assert current_traceparent() == ""


@pytest.mark.parametrize("broken", ["", "nonsense", PARENT[:-4], "00-" + "0" * 32 + "-b7ad6b7169203331-01", "é" * 50])
def test_a_broken_parent_changes_nothing(broken: str) -> None:
    with use_traceparent(PARENT), use_traceparent(broken):
        assert current_traceparent() == PARENT


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """A real OTLP collector that keeps what it gets."""

    def __init__(self) -> None:
        self.requests: list[trace_service_pb2.ExportTraceServiceRequest] = []
        self.arrived = threading.Event()

    @override
    def Export(
        self, request: trace_service_pb2.ExportTraceServiceRequest, context: object
    ) -> trace_service_pb2.ExportTraceServiceResponse:
        self.requests.append(request)
        self.arrived.set()
        return trace_service_pb2.ExportTraceServiceResponse()


# The provider of a process can be set once only, so the sender is a process of its own.
SENDER = """
import sys
from halftone_servicekit.telemetry import configure_telemetry, current_trace_id, tracer, use_traceparent
provider = configure_telemetry("gateway", sys.argv[1])
with use_traceparent(sys.argv[2]), tracer("test").start_as_current_span("render"):
    assert current_trace_id() == sys.argv[2][3:35]
provider.shutdown()
"""


def test_spans_reach_the_endpoint_under_the_trace_of_the_caller() -> None:
    collector = Collector()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)  # type: ignore[no-untyped-call] # not typed there
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        command = [sys.executable, "-c", SENDER, f"http://127.0.0.1:{port}", PARENT]
        environment = {**os.environ, "OTEL_EXPORTER_OTLP_TIMEOUT": "60"}
        subprocess.run(command, env=environment, check=True, timeout=120)
        assert collector.arrived.wait(30)
    finally:
        server.stop(None)
    [spans] = collector.requests[0].resource_spans
    [span] = spans.scope_spans[0].spans
    assert (span.name, span.trace_id.hex()) == ("render", PARENT[3:35])
    assert {item.key: item.value.string_value for item in spans.resource.attributes}["service.name"] == (
        "halftone-gateway"
    )
