"""The project as an app: it carries the system checks."""

from django.apps import AppConfig
from typing_extensions import override


class HalftoneAuthConfig(AppConfig):
    name = "halftone_auth"

    @override
    def ready(self) -> None:
        from halftone_auth.config import checks  # noqa: F401 - importing registers them
        from halftone_auth.http import schema  # noqa: F401 - importing registers them
