"""OpenTelemetry traces: off, at no cost, unless an OTLP endpoint is given."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_HEADER = "traceparent"
_propagator = TraceContextTextMapPropagator()


def configure_telemetry(service: str, endpoint: str | None) -> TracerProvider | None:
    """Sends traces to an OTLP/gRPC endpoint (`http://` is plain, `https://` is TLS); None leaves tracing off.

    Call it once a process. The returned provider's `shutdown()` sends what is left.
    """
    if endpoint is None:
        return None
    provider = TracerProvider(resource=Resource.create({"service.name": f"halftone-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    trace.set_tracer_provider(provider)
    return provider


def tracer(name: str) -> trace.Tracer:
    """The tracer of a module; its spans are no-ops while tracing is off."""
    return trace.get_tracer(name)


def current_traceparent() -> str:
    """The W3C `traceparent` of the open span; empty when there is none."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get(_HEADER, "")


@contextmanager
def use_traceparent(traceparent: str) -> Iterator[None]:
    """Makes spans in the block children of a remote span; an empty or broken value changes nothing."""
    token = context.attach(_propagator.extract({_HEADER: traceparent}, context.get_current()))
    try:
        yield
    finally:
        context.detach(token)


def current_trace_id() -> str:
    """The trace id as 32 hexadecimal digits; empty when no span is open."""
    span = trace.get_current_span().get_span_context()
    return trace.format_trace_id(span.trace_id) if span.is_valid else ""
