"""Channels to compute services: reconnect backoff, keepalive and certificates."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc
import grpc.aio

# The name in the server's certificate, whatever the address of the service.
SERVER_NAME: Final = "compute.halftone"
# A picture of 8,388,608 pixels with a count, a valid count and a float64 sum, and some room.
_MAX_REPLY_BYTES: Final = 160 * 1024 * 1024
_OPTIONS: Final = (
    # A new channel must not inherit backoff or certificates of the one before it.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
    # gRPC would transparently retry a call that a stopping server never processed, and wait for a server for ever:
    # the stream must see that break.
    ("grpc.enable_retries", 0),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_receive_message_length", _MAX_REPLY_BYTES),
)


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files: the CA of the services' certificates, this process's own certificate chain, and its key."""

    ca: Path
    cert: Path
    key: Path

    def credentials(self) -> grpc.ChannelCredentials:
        """As the files are now. Raises OSError when one cannot be read."""
        return grpc.ssl_channel_credentials(self.ca.read_bytes(), self.key.read_bytes(), self.cert.read_bytes())


class Dialer:
    """Opens channels. Certificates are read for each channel, so that renewed ones are used."""

    def __init__(self, certificates: Certificates | None = None) -> None:
        self._certificates = certificates

    def open(self, target: str) -> grpc.aio.Channel:
        """A channel that is not shared. Raises OSError when a certificate cannot be read."""
        if self._certificates is None:
            return grpc.aio.insecure_channel(target, options=_OPTIONS)
        options = (*_OPTIONS, ("grpc.ssl_target_name_override", SERVER_NAME))
        return grpc.aio.secure_channel(target, self._certificates.credentials(), options=options)
