"""Spans of frames."""

import pytest
from gateway_rig.client import viewport
from gateway_rig.pure import access
from halftone_gateway.pieces.planning import resolve_view
from halftone_gateway.session import tracing
from halftone_gateway.session.effects import RequestFrame
from halftone_gateway.session.tracing import FrameSpan
from halftone_views import validate_options
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


def render() -> RequestFrame:
    planned = resolve_view(validate_options("points", {}), access(), viewport(0, 1024, 0, 1024))
    return RequestFrame(1, 7, 1, access(), planned, (0, 1))


def test_there_are_ids_without_a_collector() -> None:
    first, second = FrameSpan(render()).traceparent, FrameSpan(render()).traceparent
    assert first != second
    version, trace, span, flags = first.split("-")
    assert (version, len(trace), len(span), flags) == ("00", 32, 16, "00")


def test_a_frame_is_a_span_of_the_trace_that_compute_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "tracer", provider.get_tracer)
    span = FrameSpan(render())
    span.end("done")
    [finished] = exporter.get_finished_spans()
    assert finished.context is not None
    assert span.traceparent.startswith(f"00-{finished.context.trace_id:032x}-{finished.context.span_id:016x}-")
    assert int(span.traceparent[-2:], 16) & 1, "sampled"
    assert finished.attributes is not None
    assert finished.attributes["halftone.outcome"] == "done"
    assert (finished.attributes["halftone.seq"], finished.attributes["halftone.missing"]) == (7, 2)
