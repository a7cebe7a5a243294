"""Settings of the gateway, read from the environment only."""

from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self

from halftone_servicekit.addresses import Network
from halftone_servicekit.settings import ServiceSettings
from pydantic import Field, SecretStr, field_validator, model_validator

from halftone_gateway.compute.dial import Certificates
from halftone_gateway.compute.discovery.affinity import Pools
from halftone_gateway.limits import SocketLimits


class GatewaySettings(ServiceSettings):
    """Settings of the gateway, in addition to those of every service. Lists are separated by commas."""

    gateway_host: str = Field("127.0.0.1", description="Address the gateway listens on.")
    gateway_port: int = Field(8001, ge=0, le=65535, description="Port the gateway listens on.")
    web_port: int = Field(
        3000, ge=0, le=65535, description="Port of the web app, for the default of the allowed origins."
    )
    allowed_origins: str = Field(
        "",
        description="Origins whose pages may open a socket, compared as whole strings; "
        "empty: localhost and 127.0.0.1 on the port of the web app.",
    )
    trusted_proxies: str = Field(
        "", description="Addresses or networks of proxies whose `X-Forwarded-For` is trusted when sockets are counted."
    )
    compute_discovery: Literal["static", "dns", "kubernetes"] = Field(
        "static",
        description="How compute services are found: `static`, the listed ones; `dns`, every address of each host, "
        "resolved every 5 s; `kubernetes`, each host is a headless Service whose EndpointSlices are watched.",
    )
    compute_targets: str = Field(
        "127.0.0.1:50051",
        description="Compute services, as host:port; pools are separated by `;`, the best first: a pool is used only "
        "while no service of those before can be reached.",
    )
    kubernetes_namespace: str = Field(
        "",
        description="Namespace of the compute services; empty: that of the pod. Outside a cluster, KUBECONFIG is used.",
    )
    compute_tls_ca: Path | None = Field(
        None,
        description="File of the CA of the compute services' certificates, which must name `compute.halftone`. "
        "Set it with the next two for mutual TLS; the files are read for each new connection.",
    )
    compute_tls_cert: Path | None = Field(None, description="File of the gateway's own certificate chain.")
    compute_tls_key: Path | None = Field(None, description="File of the key of that certificate.")
    cache_url: SecretStr | None = Field(
        None,
        description="Redis in which gateways share pieces, as `redis://`; unset: each caches in its own process only.",
    )
    bus_url: SecretStr | None = Field(
        None,
        description="Redis whose channel `halftone.events` announces revocations; unset: they are polled.",
    )
    gateway_concurrency: int = Field(4096, ge=1, description="Sockets the process accepts; more get 503.")
    gateway_auth_timeout_s: float = Field(
        5.0, gt=0, description="Close with 4408 when no `auth` comes within this time (s)."
    )
    gateway_reauth_notice_s: float = Field(
        60.0, ge=0, description="Send the notice `REAUTH_SOON` this long before the token expires (s)."
    )
    gateway_reauth_grace_s: float = Field(
        25.0, ge=0, description="Close with 4401 this long after the token expired (s)."
    )
    gateway_messages_per_second: float = Field(60.0, gt=0, description="Messages per second of one socket.")
    gateway_message_burst: int = Field(120, ge=1, description="Messages one socket may send in a burst.")
    gateway_sockets_per_user: int = Field(8, ge=1, description="Sockets of one person in this process.")
    gateway_views_per_socket: int = Field(64, ge=1, description="Views open on one socket.")
    gateway_unauthenticated: int = Field(256, ge=1, description="Sockets without `auth` in this process.")
    gateway_unauthenticated_per_address: int = Field(20, ge=1, description="Sockets without `auth` from one address.")
    gateway_unshown_frames: int = Field(2, ge=1, description="Exact frames of a view sent before `shown` is required.")
    gateway_held_pieces: int = Field(4096, ge=1, description="Pieces of a view tracked as held by its client.")
    gateway_stall_s: float = Field(10.0, gt=0, description="Close with 4430 when one write blocks this long (s).")
    gateway_outbox_bytes: int = Field(
        8_388_608, ge=1, description="Bytes of frames queued for one socket; further frames wait."
    )
    gateway_piece_cache_bytes: int = Field(
        268_435_456, ge=0, description="Bytes of pieces cached in this process, JSON text of them included."
    )
    gateway_shared_cache_ttl_s: float = Field(3600.0, gt=0, description="Expiry of a piece in the shared cache (s).")
    gateway_render_deadline_ms: int = Field(
        10_000, ge=1, le=10_000, description="Deadline of a request to compute (ms)."
    )
    gateway_compute_wait_s: float = Field(
        5.0,
        gt=0,
        description="Fail a request with `compute_unavailable` when no compute service is reached in this time (s).",
    )
    gateway_events_interval_s: float = Field(
        1.0, gt=0, description="Least interval of requests for revocations, each held by auth until there is one (s)."
    )
    gateway_drain_s: float = Field(5.0, ge=0, description="On shutdown, seconds over which open sockets are closed.")

    @field_validator("compute_targets")
    @classmethod
    def _check_targets(cls, value: str) -> str:
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
    def _check_networks(cls, value: str) -> str:
        for part in _parts(value):
            ip_network(part, strict=False)
        return value

    @model_validator(mode="after")
    def _check_certificates(self) -> Self:
        given = [path is not None for path in (self.compute_tls_ca, self.compute_tls_cert, self.compute_tls_key)]
        if any(given) and not all(given):
            raise ValueError("HALFTONE_COMPUTE_TLS_CA, _CERT and _KEY belong together: set all or none")
        return self

    def origins(self) -> frozenset[str]:
        """The allowed origins."""
        local = (f"http://localhost:{self.web_port}", f"http://127.0.0.1:{self.web_port}")
        return frozenset(_parts(self.allowed_origins) or local)

    def proxies(self) -> tuple[Network, ...]:
        """Networks of the trusted proxies."""
        return tuple(ip_network(part, strict=False) for part in _parts(self.trusted_proxies))

    def pools(self) -> Pools:
        """The compute services, the best pool first; never empty."""
        return _pools(self.compute_targets)

    def certificates(self) -> Certificates | None:
        """The files for mutual TLS with compute; None where it is off."""
        if self.compute_tls_ca is None or self.compute_tls_cert is None or self.compute_tls_key is None:
            return None
        return Certificates(self.compute_tls_ca, self.compute_tls_cert, self.compute_tls_key)

    def limits(self) -> SocketLimits:
        """The limits of one socket."""
        return SocketLimits(
            auth_timeout_s=self.gateway_auth_timeout_s,
            reauth_notice_s=self.gateway_reauth_notice_s,
            reauth_grace_s=self.gateway_reauth_grace_s,
            messages_per_second=self.gateway_messages_per_second,
            message_burst=self.gateway_message_burst,
            views=self.gateway_views_per_socket,
            unshown_frames=self.gateway_unshown_frames,
            held_pieces=self.gateway_held_pieces,
        )


def _parts(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _pools(value: str) -> Pools:
    return tuple(pool for part in value.split(";") if (pool := _parts(part)))
