"""One OpenTelemetry span for each frame; ids exist even while no traces are collected."""

import secrets

from halftone_servicekit.telemetry import tracer
from opentelemetry import trace

from halftone_gateway.session.effects import RequestFrame


class FrameSpan:
    """From the request of a frame to its last piece."""

    def __init__(self, effect: RequestFrame) -> None:
        self._span = tracer(__name__).start_span(
            "frame",
            attributes={
                "halftone.version_id": effect.granted.version.version_id,
                "halftone.seq": effect.seq,
                "halftone.pieces": len(effect.resolved.piece_ids),
                "halftone.missing": len(effect.missing),
            },
        )
        self.traceparent = _traceparent(self._span.get_span_context())

    def end(self, outcome: str) -> None:
        self._span.set_attribute("halftone.outcome", outcome)
        self._span.end()


def _traceparent(context: trace.SpanContext) -> str:
    if context.is_valid:
        flags = int(context.trace_flags)
        return f"00-{trace.format_trace_id(context.trace_id)}-{trace.format_span_id(context.span_id)}-{flags:02x}"
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
