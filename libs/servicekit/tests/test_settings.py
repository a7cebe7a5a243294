"""Settings come from variables or files, never from both, and each is documented."""

import os
from pathlib import Path
from typing import Annotated

import pytest
from halftone_servicekit.settings import ServiceSettings, SettingRow, describe, variable_of
from halftone_servicekit.storage import StorageAddress
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import NoDecode, SettingsError


class Example(ServiceSettings):
    """One field of each sort that services have."""

    port: int = Field(8001, ge=1, le=65535, description="A port.")
    pair: tuple[int, int] = Field((1, 2), description="Read as JSON.")
    names: Annotated[str, NoDecode] = Field("a,b", description="Read as it is.")
    key: SecretStr = Field(description="Needed.")


@pytest.fixture(autouse=True)
def _no_settings_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HALFTONE_")]:
        monkeypatch.delenv(name)


def test_defaults() -> None:
    settings = ServiceSettings()
    assert (settings.issuer, settings.auth_url) == ("halftone", "http://127.0.0.1:8000")
    assert (settings.log_level, settings.log_format) == ("INFO", "json")
    assert settings.otlp_endpoint is None
    assert settings.service_token is None


def test_variables_are_read_and_others_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALFTONE_KEY", "k")
    monkeypatch.setenv("HALFTONE_PORT", "9000")
    monkeypatch.setenv("HALFTONE_PAIR", "[3, 4]")
    monkeypatch.setenv("HALFTONE_OTHER_SERVICE", "1")
    settings = Example()
    assert (settings.port, settings.pair, settings.key.get_secret_value()) == (9000, (3, 4), "k")


def test_every_setting_can_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, text in {"KEY": "  s3cret\n", "PORT": "9001\r\n", "PAIR": "[5, 6]", "NAMES": "x,y\n"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
        monkeypatch.setenv(f"HALFTONE_{name}_FILE", str(tmp_path / name))
    settings = Example()
    assert settings.key.get_secret_value() == "  s3cret"
    assert (settings.port, settings.pair, settings.names) == (9001, (5, 6), "x,y")


def test_a_variable_and_its_file_are_refused_together(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "t").write_text("from the file", encoding="utf-8")
    monkeypatch.setenv("HALFTONE_SERVICE_TOKEN", "from the variable")
    monkeypatch.setenv("HALFTONE_SERVICE_TOKEN_FILE", str(tmp_path / "t"))
    with pytest.raises(SettingsError, match="HALFTONE_SERVICE_TOKEN and HALFTONE_SERVICE_TOKEN_FILE are both set"):
        ServiceSettings()


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["missing", "not UTF-8"])
def test_an_unreadable_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "t").write_bytes(content)
    monkeypatch.setenv("HALFTONE_SERVICE_TOKEN_FILE", str(tmp_path / "t"))
    with pytest.raises(SettingsError, match="HALFTONE_SERVICE_TOKEN_FILE names a file that cannot be read"):
        ServiceSettings()


def test_empty_variables_are_not_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "t").write_text("t", encoding="utf-8")
    monkeypatch.setenv("HALFTONE_ISSUER", "")
    monkeypatch.setenv("HALFTONE_LOG_LEVEL_FILE", "")
    monkeypatch.setenv("HALFTONE_SERVICE_TOKEN", "")
    monkeypatch.setenv("HALFTONE_SERVICE_TOKEN_FILE", str(tmp_path / "t"))
    settings = ServiceSettings()
    assert (settings.issuer, settings.log_level) == ("halftone", "INFO")
    assert settings.service_token == SecretStr("t")


def test_an_error_does_not_repeat_what_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALFTONE_PORT", "hunter2")
    monkeypatch.setenv("HALFTONE_KEY", "k")
    with pytest.raises(ValidationError, match="port") as caught:
        Example()
    assert "hunter2" not in str(caught.value)


def test_secrets_are_not_printed() -> None:
    assert "t0p" not in repr(ServiceSettings(service_token=SecretStr("t0p")))


def test_the_storage_root_follows_the_home(tmp_path: Path) -> None:
    assert ServiceSettings(home=tmp_path).storage_root() == tmp_path / "storage"
    assert ServiceSettings(storage=f"file://{tmp_path}/a%20b").storage_root() == tmp_path / "a b"


@pytest.mark.parametrize("storage", ["s3://bucket", "file://", "/plain/path"])
def test_another_kind_of_storage_is_refused(storage: str) -> None:
    with pytest.raises(ValueError, match="HALFTONE_STORAGE"):
        ServiceSettings(storage=storage).storage_root()


def test_object_storage_has_an_address_and_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"STORAGE": "s3://bucket/a", "S3_ENDPOINT": "http://o:1", "S3_ACCESS_KEY": "k"}.items():
        monkeypatch.setenv(f"HALFTONE_{name}", value)
    monkeypatch.setenv("HALFTONE_S3_SECRET_KEY", "s3cr3t")
    settings = ServiceSettings()
    assert settings.storage_address() == StorageAddress("s3://bucket/a", "http://o:1", "us-east-1", "k", "s3cr3t")
    assert "s3cr3t" not in repr(settings) + repr(settings.storage_address())


def test_describe_lists_every_setting() -> None:
    rows = {row.variable: row for row in describe(Example)}
    assert set(rows) == {variable_of(name) for name in Example.model_fields}
    assert rows["HALFTONE_PORT"] == SettingRow("HALFTONE_PORT", "int", "8001", "A port.")
    assert rows["HALFTONE_KEY"] == SettingRow("HALFTONE_KEY", "SecretStr", "", "Needed.")
    assert rows["HALFTONE_PAIR"].type == "tuple[int, int]"
    assert rows["HALFTONE_SERVICE_TOKEN"].default == ""
    assert rows["HALFTONE_LOG_FORMAT"].type == "Literal['json', 'console']"
    assert rows["HALFTONE_HOME"].type == "Path"


def test_describe_lists_what_a_class_adds_or_changes() -> None:
    class Further(Example):
        issuer: str = Field("me", description="Another one.")
        made: int = Field(default_factory=int, description="Made.")

    assert [(row.variable, row.default) for row in describe(Further, own=True)] == [
        ("HALFTONE_ISSUER", "me"),
        ("HALFTONE_MADE", "computed"),
    ]


def test_a_setting_without_description_is_refused() -> None:
    class Mute(ServiceSettings):
        mute: int = 1

    with pytest.raises(ValueError, match="HALFTONE_MUTE has no description"):
        describe(Mute)
