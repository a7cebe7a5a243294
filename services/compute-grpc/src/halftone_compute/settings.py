"""Settings of the compute server (`HALFTONE_*`)."""

from pathlib import Path
from typing import Literal

from halftone_servicekit.settings import ServiceSettings
from pydantic import Field

from halftone_compute.cgroup import memory_limit, usable_cores


def _pass_bytes() -> int:
    # Half of the memory for planes, shared by as many pictures as there may be slots.
    return max(1 << 20, min(1 << 30, memory_limit() // (2 * usable_cores())))


class ComputeSettings(ServiceSettings):
    """What the compute server reads beside the settings of every service."""

    compute_host: str = Field(default="127.0.0.1", description="Address that the compute server listens on.")
    compute_port: int = Field(
        default=50051, ge=0, le=65535, description="Port of the compute server; 0 picks a free one."
    )
    compute_metrics_port: int = Field(
        default=9101, ge=0, le=65535, description="Port of the compute server's `/metrics`; 0 picks a free one."
    )
    compute_backend: Literal["auto", "cpu", "gpu"] = Field(
        default="auto",
        description="What makes pictures: `cpu`, `gpu` (no start without a GPU), or `auto`, a GPU if one works.",
    )
    compute_gpu_bytes: int | None = Field(
        default=None,
        ge=1 << 20,
        description="Bytes of a GPU's memory for columns; unset: four fifths of what is free, less the planes of all "
        "slots.",
    )
    compute_slots: int = Field(
        default_factory=usable_cores,
        ge=1,
        le=1024,
        description="Pictures made at the same time; the processor cores that its quota allows unless given.",
    )
    compute_queue: int = Field(default=256, ge=1, description="Pictures that may wait for a slot; more are refused.")
    compute_user_queue: int = Field(default=64, ge=1, description="Pictures of one person that may wait for a slot.")
    compute_pass_bytes: int = Field(
        default_factory=_pass_bytes,
        ge=1 << 20,
        description="Most memory that the planes of one picture may take at a time: tiles that need more are made in "
        "groups, one after the other; 1 GiB, or less in a small container.",
    )
    compute_cache_folder: Path | None = Field(
        default=None,
        description="Folder of this server alone for copies of what it reads from object storage; "
        "unset: `cache/versions` in the home.",
    )
    compute_cache_bytes: int = Field(
        default=20 << 30,
        ge=1 << 20,
        description="Bytes that the folder may hold, a third of them for what is made in the background; the least "
        "recently used go first.",
    )
    compute_health_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Port that answers health probes without TLS; 0: the main port alone answers them.",
    )
    compute_tls_ca: Path | None = Field(
        default=None,
        description="PEM file of the authority of the gateways' certificates; set: clients must have one.",
    )
    compute_tls_cert: Path | None = Field(
        default=None, description="PEM file of the server's certificate; read again when it changes."
    )
    compute_tls_key: Path | None = Field(default=None, description="PEM file of the key of that certificate.")
    compute_drain_wait_seconds: float = Field(
        default=0.0, ge=0, le=600, description="On shutdown, seconds to accept work after readiness turns false."
    )
    compute_drain_seconds: float = Field(
        default=5.0, ge=0, le=600, description="On shutdown, seconds that running calls may take after that."
    )
    compute_reflection: bool = Field(default=False, description="Whether gRPC server reflection is offered.")

    def compute_cache_path(self) -> Path:
        """The folder of copies, absolute."""
        return (self.compute_cache_folder or self.home / "cache" / "versions").resolve()

    def compute_room_bytes(self) -> int:
        """The part of the folder's bytes that is for what is made in the background."""
        return self.compute_cache_bytes // 3

    def compute_copy_bytes(self) -> int:
        """The part that is for copies of what is read from object storage."""
        return self.compute_cache_bytes - self.compute_room_bytes()
