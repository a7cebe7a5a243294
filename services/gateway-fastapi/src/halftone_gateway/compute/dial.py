"""Channels to compute services: how often they are tried, how soon a dead one is found, and by which certificates."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc
import grpc.aio

# The server's certificate is made out to this name, whatever address the service has.
SERVER_NAME: Final = "compute.halftone"
# A picture of 8,388,608 pixels with a count, a valid count and a float64 sum, and some room.
_MAX_REPLY_BYTES: Final = 160 * 1024 * 1024
_OPTIONS: Final = (
    # A channel made anew must not inherit the back-off, or the certificates, of the one before it.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
    # A call that a stopping server never looked at would be made again unseen, and wait for a server for ever: whoever
    # owns the stream has to hear that it broke.
    ("grpc.enable_retries", 0),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_receive_message_length", _MAX_REPLY_BYTES),
)


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files: who signs the services' certificates, this process's own certificate, and its key."""

    ca: Path
    cert: Path
    key: Path

    def credentials(self) -> grpc.ChannelCredentials:
        """As the files are now. Raises OSError when one cannot be read."""
        return grpc.ssl_channel_credentials(self.ca.read_bytes(), self.key.read_bytes(), self.cert.read_bytes())


class Dialer:
    """Opens channels. The files of the certificates are read each time, so that a new channel has the newest ones."""

    def __init__(self, certificates: Certificates | None = None) -> None:
        self._certificates = certificates

    def open(self, target: str) -> grpc.aio.Channel:
        """A channel that nobody shares. Raises OSError when a certificate cannot be read."""
        if self._certificates is None:
            return grpc.aio.insecure_channel(target, options=_OPTIONS)
        options = (*_OPTIONS, ("grpc.ssl_target_name_override", SERVER_NAME))
        return grpc.aio.secure_channel(target, self._certificates.credentials(), options=options)
