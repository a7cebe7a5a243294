"""Users and their sessions."""

from django.apps import AppConfig
from typing_extensions import override


class UsersConfig(AppConfig):
    name = "users"

    @override
    def ready(self) -> None:
        from users import receivers  # noqa: F401 - importing connects them
