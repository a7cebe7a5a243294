"""Settings of every service: `HALFTONE_X` in the environment, or in a file named by `HALFTONE_X_FILE`.

A field's `description` is its documentation; `describe` lists them for the pages in `docs/settings/`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from pydantic import Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)
from typing_extensions import override

from halftone_servicekit.storage.base import StorageAddress

PREFIX = "HALFTONE_"


class FileSource(EnvSettingsSource):
    """Reads `HALFTONE_X` from the UTF-8 file named by `HALFTONE_X_FILE`, without the line ends at its end.

    Raises `SettingsError` when both variables are given or the file cannot be read. Empty variables are not given.
    """

    @override
    def _load_env_vars(self) -> Mapping[str, str | None]:
        variables = (variable_of(name) for name in self.settings_cls.model_fields)
        return {name.lower(): _content(name, path) for name in variables if (path := os.environ.get(f"{name}_FILE"))}


def _content(variable: str, path: str) -> str:
    if os.environ.get(variable):
        raise SettingsError(f"{variable} and {variable}_FILE are both set; keep one")
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{variable}_FILE names a file that cannot be read: {path}") from error


class ServiceSettings(BaseSettings):
    """What every service reads; each service subclasses it with its own fields."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    home: Path = Field(Path(".halftone"), description="Folder of all state in the embedded profile.")
    storage: str = Field(
        "",
        description="Where uploads and dataset versions lie: `file:///folder` or `s3://bucket/prefix`; "
        "empty: `storage` in the home.",
    )
    s3_endpoint: str = Field(
        "", description="Address of the object storage, for example `http://objects:7070`; empty: that of AWS."
    )
    s3_region: str = Field("us-east-1", description="Region of the bucket.")
    s3_access_key: SecretStr | None = Field(
        None, description="Access key of the object storage; unset: the SDK looks for one (environment, pod, instance)."
    )
    s3_secret_key: SecretStr | None = Field(None, description="Secret key of the object storage.")
    issuer: str = Field("halftone", min_length=1, description="Issuer (`iss`) of every token.")
    auth_url: str = Field("http://127.0.0.1:8000", description="Where the other services reach the auth service.")
    service_token: SecretStr | None = Field(
        None, description="Secret with which services call the internal API of auth; unset: that API is closed."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least severe log level kept.")
    log_format: Literal["json", "console"] = Field("json", description="Log lines as JSON, or coloured for a terminal.")
    otlp_endpoint: str | None = Field(
        None, description="OTLP/gRPC collector for traces, for example `http://localhost:4317`; unset: no traces."
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

    def storage_address(self) -> StorageAddress:
        """Where the storage is. Raises `ValueError` for an address of another kind."""
        url = self.storage or f"file://{quote(str((self.home / 'storage').resolve()))}"
        keys = (self.s3_access_key, self.s3_secret_key)
        return StorageAddress(
            url, self.s3_endpoint, self.s3_region, *(key.get_secret_value() if key else "" for key in keys)
        )

    def storage_root(self) -> Path:
        """The storage folder, absolute. Raises `ValueError` when the storage is no folder."""
        return self.storage_address().folder()


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as the documentation shows it; an empty default means unset, `computed` one that a function makes."""

    variable: str
    type: str
    default: str
    description: str


def variable_of(field_name: str) -> str:
    """The environment variable of a field."""
    return PREFIX + field_name.upper()


def describe(settings: type[BaseSettings], *, own: bool = False) -> list[SettingRow]:
    """Every setting of a class in order, or those that it adds or changes itself (`own`).

    Raises `ValueError` for a setting without a description.
    """
    declared = settings.__annotations__ if own else settings.model_fields
    return [_row(name, field) for name, field in settings.model_fields.items() if name in declared]


def _row(name: str, field: FieldInfo) -> SettingRow:
    if not field.description:
        raise ValueError(f"the setting {variable_of(name)} has no description")
    default = "computed" if field.default_factory else field.default
    text = "" if field.is_required() or default is None else str(default)
    return SettingRow(variable_of(name), _type_name(field.annotation), text, field.description)


def _type_name(annotation: object) -> str:
    is_plain = isinstance(annotation, type) and not hasattr(annotation, "__args__")
    name = annotation.__name__ if is_plain and isinstance(annotation, type) else str(annotation)
    for module in ("typing.", "pydantic.types.", "pathlib."):
        name = name.replace(module, "")
    return name
