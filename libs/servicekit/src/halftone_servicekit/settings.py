"""Settings of every service: `HALFTONE_X` in the environment, or a file named by `HALFTONE_X_FILE`.

A field's `description` is its documentation; `describe` lists them for `docs/settings.md`.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError
from typing_extensions import override

PREFIX = "HALFTONE_"


class FileSource(PydanticBaseSettingsSource):
    """Reads `HALFTONE_X` from the file named by `HALFTONE_X_FILE`, without its last line end.

    Raises `SettingsError` when both variables are given or the file cannot be read.
    """

    @override
    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[str | None, str, bool]:
        variable = variable_of(field_name)
        path = os.environ.get(f"{variable}_FILE")
        if path is None:
            return None, field_name, False
        if variable in os.environ:
            raise SettingsError(f"{variable} and {variable}_FILE are both set; keep one")
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n"), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{variable}_FILE names a file that cannot be read: {path}") from error

    @override
    def __call__(self) -> dict[str, object]:
        found = {name: self.get_field_value(field, name) for name, field in self.settings_cls.model_fields.items()}
        return {
            name: self.prepare_field_value(name, self.settings_cls.model_fields[name], value, False)
            for name, (value, _, _) in found.items()
            if value is not None
        }


class ServiceSettings(BaseSettings):
    """What every service reads; each service subclasses it with its own fields."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, env_ignore_empty=True)

    issuer: str = Field("halftone", description="Issuer (`iss`) of every token.")
    auth_url: str = Field("http://127.0.0.1:8000", description="Where the other services reach the auth service.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least severe log level kept.")
    log_format: Literal["json", "console"] = Field("json", description="Log lines as JSON, or coloured for a terminal.")
    otlp_endpoint: str | None = Field(
        None, description="OTLP/gRPC collector for traces, for example `http://localhost:4317`; unset: no traces."
    )
    service_token: SecretStr | None = Field(
        None, description="Secret with which services call the internal API of auth; unset: that API is closed."
    )
    storage: str = Field(
        "file://.halftone/storage", description="Where uploads and dataset versions lie, as a `file://` address."
    )

    @override
    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, FileSource(settings_cls), env_settings


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as the documentation shows it."""

    variable: str
    type: str
    default: str
    description: str


def variable_of(field_name: str) -> str:
    """The environment variable of a field."""
    return PREFIX + field_name.upper()


def describe(settings: type[BaseSettings]) -> list[SettingRow]:
    """Every setting of a class, in order. Raises `ValueError` for one without a description."""
    return [_row(name, field) for name, field in settings.model_fields.items()]


def _row(name: str, field: FieldInfo) -> SettingRow:
    if not field.description:
        raise ValueError(f"the setting {variable_of(name)} has no description")
    default = None if field.is_required() else field.get_default()
    text = "" if default is None else str(default)
    return SettingRow(variable_of(name), _type_name(field.annotation), text, field.description)


def _type_name(annotation: object) -> str:
    name = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    return name.replace("typing.", "").replace("pydantic.types.", "")
