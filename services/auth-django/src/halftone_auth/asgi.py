"""The ASGI application, which `halftone_auth.serve` serves. Refuses to start on a failed system check."""

import os

import django
from django.core.checks import Tags
from django.core.management import call_command
from halftone_servicekit.logging import configure_logging
from halftone_servicekit.telemetry import configure_telemetry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "halftone_auth.settings")
django.setup(set_prefix=False)

from analytics import events  # noqa: E402 - settings come first
from users.tokens.keys import ensure_key  # noqa: E402 - settings come first

from halftone_auth.http.body import HalftoneHandler  # noqa: E402 - settings come first
from halftone_auth.http.long_poll import LongPoll  # noqa: E402 - settings come first
from halftone_auth.redis import bus  # noqa: E402 - settings come first
from halftone_auth.settings import ENV  # noqa: E402 - settings come first

configure_logging("auth", ENV.log_level, ENV.log_format)
configure_telemetry("auth", ENV.otlp_endpoint)
call_command("check", tags=[Tags.security, Tags.urls], verbosity=0)
ensure_key()

application = LongPoll(HalftoneHandler(), "/api/internal/events/", events.newest)
bus.subscribe(application.newer_exists)
