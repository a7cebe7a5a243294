"""Settings of the ingest worker."""

from pathlib import Path

from halftone_servicekit.settings import ServiceSettings
from pydantic import Field


class IngestSettings(ServiceSettings):
    broker_url: str = Field("filesystem://", repr=False, description="Celery broker that wakes the ingest worker.")
    broker_folder: Path | None = Field(
        None, description="Folder of the messages when the broker is `filesystem://`; unset: `broker` in the home."
    )
    worker_metrics_port: int = Field(9102, ge=0, le=65535, description="Port of the ingest worker's `/metrics`.")
    heartbeat_file: Path | None = Field(
        None, description="File that the worker touches while its loop turns; unset: none."
    )
    ingest_memory: int = Field(
        4 << 30, ge=512 << 20, description="Bytes of address space that reading one file may use."
    )
    ingest_max_bytes: int = Field(
        256 << 30, ge=1 << 20, description="Bytes that one version may take on disk, or one file once unpacked."
    )
    ingest_cpu_seconds: int = Field(14_400, ge=1, description="Processor seconds that reading one file may use.")
    import_roots: str = Field(
        "",
        description="Sources that files may be imported from, separated by commas: `name=/folder` or "
        "`name=s3://bucket/prefix`, with the keys of the storage. Auth lists them, the ingest worker reads them.",
    )
    ingest_grace: float = Field(
        5.0,
        ge=0.0,
        le=600.0,
        description="On SIGTERM, seconds a running job may continue before another worker takes it.",
    )

    def broker_path(self) -> Path:
        return (self.broker_folder or self.home / "broker").resolve()
