"""Settings of the gateway, read from the environment only."""

from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self

from halftone_servicekit.settings import ServiceSettings
from pydantic import Field, SecretStr, field_validator, model_validator

from halftone_gateway.compute.dial import Certificates
from halftone_gateway.compute.discovery.affinity import Pools
from halftone_gateway.limits import Limits


class GatewaySettings(ServiceSettings):
    """What the gateway reads, beside the settings of every service. Lists are separated by commas."""

    gateway_host: str = Field("127.0.0.1", description="Address the gateway listens on.")
    gateway_port: int = Field(8001, ge=0, le=65535, description="Port the gateway listens on.")
    web_port: int = Field(3000, ge=0, le=65535, description="Port of the web app; makes the default allowed origins.")
    allowed_origins: str = Field(
        "",
        description="Origins whose pages may open a socket, each compared as a whole string; "
        "empty: localhost and 127.0.0.1 on the port of the web app.",
    )
    trusted_proxies: str = Field(
        "", description="Addresses or networks of proxies whose `X-Forwarded-For` is believed when sockets are counted."
    )
    compute_discovery: Literal["static", "dns", "kubernetes"] = Field(
        "static",
        description="How compute services are found: `static`, as listed; `dns`, at every address of each host, asked "
        "again every 5 s; `kubernetes`, where each host is a headless Service whose EndpointSlices are watched.",
    )
    compute_targets: str = Field(
        "127.0.0.1:50051",
        description="Compute services, as host:port; pools are parted by `;`, the best first: the next is used only "
        "while nothing of those before can be reached.",
    )
    kubernetes_namespace: str = Field(
        "",
        description="Namespace of the compute services; empty: that of the pod. Outside a cluster, KUBECONFIG is used.",
    )
    compute_tls_ca: Path | None = Field(
        None,
        description="File of the certificates that sign those of compute services, which must name `compute.halftone`. "
        "Set it with the next two for mutual TLS; the files are read again for each new connection.",
    )
    compute_tls_cert: Path | None = Field(None, description="File of the gateway's own certificate chain.")
    compute_tls_key: Path | None = Field(None, description="File of the key of that certificate.")
    cache_url: SecretStr | None = Field(
        None, description="Redis in which gateways share pieces, as `redis://`; unset: each has its own cache alone."
    )
    bus_url: SecretStr | None = Field(
        None,
        description="Redis whose channel `halftone.events` says when to look for revocations at once; unset: polled.",
    )
    gateway_concurrency: int = Field(4096, ge=1, description="Sockets that the process takes; more get 503.")
    gateway_auth_timeout_s: float = Field(5.0, gt=0, description="Seconds a socket may stay without `auth`.")
    gateway_reauth_notice_s: float = Field(60.0, ge=0, description="Seconds before expiry at which a notice is sent.")
    gateway_reauth_grace_s: float = Field(25.0, ge=0, description="Seconds after expiry until a socket is closed.")
    gateway_messages_per_second: float = Field(60.0, gt=0, description="Messages a socket may send each second.")
    gateway_message_burst: int = Field(120, ge=1, description="Messages a socket may send at once.")
    gateway_sockets_per_user: int = Field(8, ge=1, description="Sockets of one person in one process.")
    gateway_views_per_socket: int = Field(64, ge=1, description="Views open on one socket.")
    gateway_unauthenticated: int = Field(256, ge=1, description="Sockets without `auth` in one process.")
    gateway_unauthenticated_per_address: int = Field(20, ge=1, description="Sockets without `auth` from one address.")
    gateway_unshown_frames: int = Field(2, ge=1, description="Final frames of a view sent and not yet shown.")
    gateway_held_pieces: int = Field(4096, ge=1, description="Pieces of a view remembered as held by its client.")
    gateway_stall_s: float = Field(10.0, gt=0, description="Seconds a socket may leave a write undone before 4430.")
    gateway_outbox_bytes: int = Field(8_388_608, ge=1, description="Bytes of frames queued on one socket.")
    gateway_piece_cache_bytes: int = Field(268_435_456, ge=0, description="Bytes of pieces cached in the process.")
    gateway_shared_cache_ttl_s: float = Field(
        3600.0, gt=0, description="Seconds that a piece is kept in the shared cache, if there is room."
    )
    gateway_render_deadline_ms: int = Field(10_000, ge=1, le=10_000, description="Deadline given to compute.")
    gateway_compute_wait_s: float = Field(
        5.0, gt=0, description="Seconds a request waits for a compute service that is away."
    )
    gateway_events_interval_s: float = Field(1.0, gt=0, description="Seconds between two looks for revocations.")
    gateway_drain_s: float = Field(5.0, ge=0, description="Seconds that open sockets have to leave at shutdown.")

    @field_validator("compute_targets")
    @classmethod
    def _names_one(cls, value: str) -> str:
        targets = [target for pool in _pools(value) for target in pool]
        if not targets:
            raise ValueError("HALFTONE_COMPUTE_TARGETS names no compute service")
        for target in targets:
            host, _, port = target.rpartition(":")
            if not host or not port.isdecimal():
                raise ValueError(f"HALFTONE_COMPUTE_TARGETS: {target} is not host:port")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for part in _listed(value):
            ip_network(part, strict=False)
        return value

    @model_validator(mode="after")
    def _has_all_certificates(self) -> Self:
        given = [path is not None for path in (self.compute_tls_ca, self.compute_tls_cert, self.compute_tls_key)]
        if any(given) and not all(given):
            raise ValueError("HALFTONE_COMPUTE_TLS_CA, _CERT and _KEY belong together: set all or none")
        return self

    def origins(self) -> frozenset[str]:
        """The allowed origins."""
        local = (f"http://localhost:{self.web_port}", f"http://127.0.0.1:{self.web_port}")
        return frozenset(_listed(self.allowed_origins) or local)

    def proxies(self) -> tuple[str, ...]:
        """The trusted proxies."""
        return _listed(self.trusted_proxies)

    def pools(self) -> Pools:
        """The compute services, the best pool first; never empty."""
        return _pools(self.compute_targets)

    def certificates(self) -> Certificates | None:
        """What is needed to speak to compute by mutual TLS; None where that is off."""
        if self.compute_tls_ca is None or self.compute_tls_cert is None or self.compute_tls_key is None:
            return None
        return Certificates(self.compute_tls_ca, self.compute_tls_cert, self.compute_tls_key)

    def limits(self) -> Limits:
        """The limits of one socket."""
        return Limits(
            auth_timeout_s=self.gateway_auth_timeout_s,
            reauth_notice_s=self.gateway_reauth_notice_s,
            reauth_grace_s=self.gateway_reauth_grace_s,
            messages_per_second=self.gateway_messages_per_second,
            message_burst=self.gateway_message_burst,
            views=self.gateway_views_per_socket,
            unshown_frames=self.gateway_unshown_frames,
            held_pieces=self.gateway_held_pieces,
        )


def _listed(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _pools(value: str) -> Pools:
    return tuple(pool for part in value.split(";") if (pool := _listed(part)))
