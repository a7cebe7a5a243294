"""Mutual TLS: the server's certificate, read again when its files change, and who a client proves to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import grpc
import structlog
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from halftone_compute.settings import ComputeSettings

GATEWAY = b"gateway.halftone"
_NAMES = "x509_subject_alternative_name"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Files:
    """Paths of PEM files: who signs the clients' certificates, this server's chain, and its key."""

    ca: Path
    cert: Path
    key: Path

    def stamp(self) -> tuple[tuple[int, int], ...]:
        """Changes when a file does; a mounted Secret swaps all of them at once, by a link."""
        stats = [path.stat() for path in (self.ca, self.cert, self.key)]
        return tuple((found.st_mtime_ns, found.st_ino) for found in stats)

    def read(self) -> grpc.ServerCertificateConfiguration:
        pair = (self.key.read_bytes(), self.cert.read_bytes())
        return grpc.ssl_server_certificate_configuration([pair], root_certificates=self.ca.read_bytes())


class Certificates:
    """Gives gRPC the certificates at each handshake. Files that cannot be read leave the last good ones in use."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._stamp = files.stamp()
        self.first = files.read()

    def fresh(self) -> grpc.ServerCertificateConfiguration | None:
        """The new certificates, once after a change, else None. Called from gRPC's own threads."""
        try:
            stamp = self._files.stamp()
            if stamp == self._stamp:
                return None
            changed = self._files.read()
        except OSError as error:
            log.warning("certificates_unreadable", error=repr(error))
            return None
        self._stamp = stamp
        log.info("certificates_changed")
        return changed


def files_of(settings: ComputeSettings) -> Files | None:
    """The files of the settings, None without any. Raises ValueError when some of the three are missing."""
    given = (settings.compute_tls_ca, settings.compute_tls_cert, settings.compute_tls_key)
    if not any(given):
        return None
    ca, cert, key = given
    if ca is None or cert is None or key is None:
        raise ValueError("HALFTONE_COMPUTE_TLS_CA, _CERT and _KEY belong together: set all or none")
    return Files(ca, cert, key)


def credentials(files: Files) -> grpc.ServerCredentials:
    """Credentials that ask every client for a certificate. Raises OSError when a file cannot be read."""
    certificates = Certificates(files)
    # The stubs leave out that None stands for no change.
    fresh = cast("Callable[[], grpc.ServerCertificateConfiguration]", certificates.fresh)
    return grpc.dynamic_ssl_server_credentials(certificates.first, fresh, require_client_authentication=True)


def only_gateway(context: grpc.aio.ServicerContext[Any, Any]) -> None:
    """Raises `forbidden` when the client's certificate is not a gateway's."""
    if GATEWAY not in context.auth_context().get(_NAMES, ()):
        raise HalftoneError(ErrorCode.FORBIDDEN, "The client's certificate is not a gateway's.")
