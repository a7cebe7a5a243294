"""Settings of the compute server (`HALFTONE_*`)."""

import os

from halftone_servicekit.settings import ServiceSettings
from pydantic import Field


class ComputeSettings(ServiceSettings):
    """What the compute server reads beside the settings of every service."""

    compute_host: str = Field(default="127.0.0.1", description="Address that the compute server listens on.")
    compute_port: int = Field(
        default=50051, ge=0, le=65535, description="Port of the compute server; 0 picks a free one."
    )
    compute_metrics_port: int = Field(
        default=9101, ge=0, le=65535, description="Port of the compute server's `/metrics`; 0 picks a free one."
    )
    compute_slots: int = Field(
        default_factory=lambda: len(os.sched_getaffinity(0)),
        ge=1,
        le=1024,
        description="Pictures made at the same time; the number of processor cores unless given.",
    )
    compute_queue: int = Field(default=256, ge=1, description="Pictures that may wait for a slot; more are refused.")
    compute_user_queue: int = Field(default=64, ge=1, description="Pictures of one person that may wait for a slot.")
    compute_pass_bytes: int = Field(
        default=1 << 30, ge=1 << 20, description="Most memory that the planes of one picture may take."
    )
    compute_drain_seconds: float = Field(
        default=5.0, ge=0, le=600, description="How long running calls may go on after a stop was asked."
    )
    compute_reflection: bool = Field(default=False, description="Whether gRPC server reflection is offered.")
