"""The settings of the auth service, read from its environment; each description is the setting's documentation."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from halftone_servicekit.addresses import Network
from halftone_servicekit.settings import ServiceSettings
from pydantic import Field, SecretStr

from halftone_auth.config import databases


class AuthSettings(ServiceSettings):
    """Settings of the auth service. Lists are comma-separated."""

    secret_key: SecretStr | None = Field(
        None, description="Django's secret key, at least 50 characters; the service does not start without one."
    )
    signing_keys: Path | None = Field(
        None, description="Folder of the PEM keys that sign tokens; unset: `keys` in the home."
    )
    database_url: str = Field(
        "",
        repr=False,
        description="Database as `sqlite:///<path>` or `postgresql://user:password@host:port/database`; "
        "empty: `halftone.sqlite3` in the home.",
    )
    database_pool: int = Field(8, ge=1, description="Connections to PostgreSQL that one process may hold.")
    database_statement_timeout_ms: int = Field(
        15000, ge=0, description="Longest statement on PostgreSQL, in milliseconds; 0: no limit."
    )
    broker_url: str = Field(
        "filesystem://",
        repr=False,
        description="Celery broker that notifies the workers: `filesystem://` or `redis://host:port/0`.",
    )
    broker_folder: Path | None = Field(
        None, description="Folder of the filesystem broker; unset: `broker` in the home."
    )
    cache_url: str = Field(
        "",
        repr=False,
        description="Redis that counts failed sign-ins across replicas, as `redis://host:port/0`; "
        "empty or unreachable: each process counts alone.",
    )
    bus_url: str = Field(
        "",
        repr=False,
        description="Redis to publish each new event to, on the channel `halftone.events`; empty: services poll.",
    )
    heartbeat_file: Path | None = Field(
        None, description="File that `worker` and `beat` touch while their loop runs; unset: no file."
    )
    web_port: int = Field(3000, description="Port of the web app; the default allowed origins follow it.")
    allowed_origins: str = Field(
        "",
        description="Origins that browsers may sign in from, compared as whole strings; "
        "empty: http://localhost and http://127.0.0.1 with the web port.",
    )
    allowed_hosts: str = Field(
        "localhost,127.0.0.1,[::1]", description="Host names that this service accepts, besides those of the origins."
    )
    trusted_proxies: str = Field(
        "", description="Addresses or networks whose `Forwarded` and `X-Forwarded-For` headers are trusted."
    )
    login_per_minute: int = Field(
        10, ge=1, description="Failed sign-ins a minute per account and address; ten times as many per address."
    )
    upload_max_bytes: int = Field(1 << 40, ge=1, description="Largest file that one upload may carry, in bytes.")
    quota_bytes: int = Field(
        0, ge=0, description="Bytes that one person may keep in uploads and versions of datasets they own; 0: no limit."
    )
    import_roots: str = Field(
        "",
        description="Sources that files may be imported from, separated by commas: `name=/folder` or "
        "`name=s3://bucket/prefix`, with the keys of the storage. Auth lists them, the ingest worker reads them.",
    )
    admin_email: str = Field("admin@halftone.local", description="E-mail of the first administrator.")
    admin_password: SecretStr | None = Field(
        None, description="Password of the first administrator; used once, when that account is created."
    )

    def database(self) -> dict[str, Any]:
        """Django's settings of the database. Raises `ValueError` for another kind of database."""
        url = self.database_url or f"sqlite:///{(self.home / 'halftone.sqlite3').resolve()}"
        return databases.configuration(url, self.database_pool, self.database_statement_timeout_ms)

    def keys_folder(self) -> Path:
        """Folder of the signing keys."""
        return self.signing_keys or self.home / "keys"

    def broker_path(self) -> Path:
        """Folder of the filesystem broker."""
        return (self.broker_folder or self.home / "broker").resolve()

    def origins(self) -> tuple[str, ...]:
        """Allowed browser origins."""
        default = f"http://localhost:{self.web_port},http://127.0.0.1:{self.web_port}"
        return items(self.allowed_origins or default)

    def hosts(self) -> list[str]:
        """Host names without ports."""
        named = [urlsplit(origin).hostname or "" for origin in self.origins()]
        return sorted({*items(self.allowed_hosts), *filter(None, named)})

    def proxies(self) -> tuple[Network, ...]:
        """Networks of trusted proxies. Raises `ValueError` for an item that is not a network."""
        return tuple(ip_network(item) for item in items(self.trusted_proxies))


def items(text: str) -> tuple[str, ...]:
    """The parts of a comma-separated list, without blanks."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
