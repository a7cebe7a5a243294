"""System checks that keep an unsafe or unusable configuration from starting."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

WEAK = ("changeme", "change-me", "django-insecure-", "secret-key", "your-secret")


@register(Tags.security)
def secret_key(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """Refuses a missing, short or well-known secret key."""
    hint = "Set HALFTONE_SECRET_KEY or HALFTONE_SECRET_KEY_FILE to 50 random characters or more."
    if not settings.HALFTONE_HAS_SECRET_KEY:
        return [Error("HALFTONE_SECRET_KEY is not set.", hint=hint, id="halftone.E001")]
    key = settings.SECRET_KEY
    if len(key) < 50 or len(set(key)) < 8 or any(word in key.lower() for word in WEAK):
        return [Error("HALFTONE_SECRET_KEY is short or well known.", hint=hint, id="halftone.E002")]
    return []


@register(Tags.security)
def debug(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """Refuses to run with tracebacks in responses."""
    return [Error("DEBUG is on.", id="halftone.E003")] if settings.DEBUG else []


@register(Tags.security)
def sessions_can_end(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """Refuses a configuration in which revoked sessions would still be accepted."""
    guard = "users.authentication.AccessTokenAuthentication"
    if settings.REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"] != [guard] or "users" not in settings.INSTALLED_APPS:
        return [
            Error("Revoked sessions would still be accepted.", hint=f"Authenticate with {guard}.", id="halftone.E004")
        ]
    return []


@register(Tags.security)
def service_token(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """Refuses a service token that could be guessed."""
    token = settings.SERVICE_TOKEN
    if token and (len(token) < 32 or any(word in token.lower() for word in WEAK)):
        return [Error("HALFTONE_SERVICE_TOKEN is short or well known.", id="halftone.E005")]
    return []
