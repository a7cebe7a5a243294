"""The catalogue of datasets and its import jobs."""

from django.apps import AppConfig
from typing_extensions import override


class AnalyticsConfig(AppConfig):
    name = "analytics"

    @override
    def ready(self) -> None:
        from analytics import receivers  # noqa: F401 - importing connects them
