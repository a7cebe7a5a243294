"""Structured logs: one line an event, from our code and from every library that uses `logging`."""

import logging
import math
import re
import sys
from collections.abc import Mapping

import structlog
from opentelemetry import trace
from structlog.typing import EventDict, Processor, WrappedLogger

_JWT = re.compile(r"eyJ[\w-]{4,}(?:\.[\w-]*){1,4}")
REDACTED = "[token]"
CHATTY = ("httpx", "httpx2", "httpcore", "httpcore2")


def configure_logging(service: str, level: str = "INFO", fmt: str = "json") -> None:
    """Sends structlog and `logging` through one pipeline to stdout, as `json` or `console` lines.

    Call it once at start, after importing what brings its own handlers: those are taken off.
    """
    shared = _shared(service)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_render(fmt)],
        )
    )
    for name in list(logging.root.manager.loggerDict):
        existing = logging.getLogger(name)
        existing.handlers.clear()
        existing.propagate = True
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level)
    # They tell of every request that polling makes.
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _shared(service: str) -> list[Processor]:
    def add_service(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        add_service,
        add_trace,
    ]


def _render(fmt: str) -> list[Processor]:
    if fmt == "console":
        renderer: Processor = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    else:
        renderer = structlog.processors.JSONRenderer()
    # Tracebacks become text before the redaction, so that a token in one is found too.
    return [structlog.processors.format_exc_info, redact, renderer]


def add_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Adds `trace_id` and `span_id` (hexadecimal) when a span is open."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
        event["span_id"] = trace.format_span_id(context.span_id)
    return event


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replaces whatever looks like a JWT, at any depth."""
    return {key: _redacted(value) for key, value in event.items()}


def _redacted(value: object) -> object:
    if isinstance(value, Mapping):
        return {_text(key): _redacted(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(inner) for inner in value]
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return _text(value)


def _text(value: object) -> str:
    return _JWT.sub(REDACTED, str(value))
