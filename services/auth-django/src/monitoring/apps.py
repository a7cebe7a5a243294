"""How the service is doing: metrics and health."""

from django.apps import AppConfig
from typing_extensions import override


class MonitoringConfig(AppConfig):
    name = "monitoring"

    @override
    def ready(self) -> None:
        from monitoring import metrics  # noqa: F401 - importing registers them
