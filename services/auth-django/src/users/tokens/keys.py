"""Signing keys: a folder of PEM files, one ES256 key each, named after the second from which it signs.

A new key is published 600 s before it signs, so that every verifier has it by then; an old key stays published until
the last token that it signed has expired.
"""

import json
import os
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from halftone_servicekit.errors import ErrorCode, HalftoneError
from jwt.algorithms import ECAlgorithm

from users.tokens.refresh import IDLE

log = structlog.get_logger(__name__)

ALGORITHM = "ES256"
PUBLISH_AHEAD_S = 600
# The longest-lived token is a refresh token; plus a minute of clock skew.
RETIRE_AFTER_S = int(IDLE.total_seconds()) + 60


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key. `active_from` is in seconds since the epoch."""

    kid: str
    active_from: int
    private: ec.EllipticCurvePrivateKey

    def jwk(self) -> dict[str, Any]:
        """The public half as a JWK."""
        document: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(self.private.public_key()))
        return {**document, "kid": self.kid, "use": "sig", "alg": ALGORITHM}


class KeyFolder:
    """The keys of one folder, reloaded when the file names change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._names: tuple[str, ...] = ()
        self._keys: tuple[SigningKey, ...] = ()

    def all(self) -> tuple[SigningKey, ...]:
        """All keys, oldest first."""
        try:
            names = tuple(sorted(name for name in os.listdir(self.folder) if name.endswith(".pem")))
        except FileNotFoundError:
            return ()
        with self._lock:
            if names != self._names:
                keys = [_read(self.folder / name) for name in names]
                self._keys = tuple(sorted(keys, key=lambda key: key.active_from))
                self._names = names
            return self._keys

    def current(self, now: float) -> SigningKey:
        """The signing key: the newest active one, or the oldest if none is active yet.

        Raises `auth_unavailable` without keys.
        """
        keys = self.all()
        if not keys:
            log.error("no_signing_key", folder=str(self.folder))
            raise HalftoneError(ErrorCode.AUTH_UNAVAILABLE, retry_after_ms=5000)
        return max((key for key in keys if key.active_from <= now), key=lambda key: key.active_from, default=keys[0])

    def published(self, now: float) -> tuple[SigningKey, ...]:
        """The keys for verifiers: all but those replaced longer ago than a token lives."""
        keys = self.all()
        replaced = [key.active_from for key in keys if key.active_from <= now - RETIRE_AFTER_S]
        return tuple(key for key in keys if not replaced or key.active_from >= max(replaced))

    def find(self, kid: object, now: float) -> SigningKey | None:
        """A published key by its id."""
        return next((key for key in self.published(now) if key.kid == kid), None)

    def add(self, active_from: float) -> SigningKey:
        """Creates a key that signs from `active_from` on."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        kid = f"{int(active_from)}-{secrets.token_hex(4)}"
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        partial = self.folder / f"{kid}.partial"
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(self.folder / f"{kid}.pem")
        return _read(self.folder / f"{kid}.pem")

    def remove(self, key: SigningKey) -> None:
        """Deletes a key; its tokens are refused from now on."""
        (self.folder / f"{key.kid}.pem").unlink()


def _read(path: Path) -> SigningKey:
    """Raises `ValueError` for a file without a P-256 key or with another form of name."""
    private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise ValueError(f"{path.name} holds no P-256 key")
    return SigningKey(path.stem, int(path.stem.partition("-")[0]), private)


_folders: dict[Path, KeyFolder] = {}


def key_folder() -> KeyFolder:
    """The configured folder of keys."""
    folder: Path = settings.SIGNING_KEYS
    return _folders.setdefault(folder, KeyFolder(folder))


def jwks(now: float | None = None) -> dict[str, list[dict[str, Any]]]:
    """The JWKS document."""
    return {"keys": [key.jwk() for key in key_folder().published(time.time() if now is None else now)]}


def ensure_key() -> None:
    """Creates the first key of an installation. The keys of a read-only folder are provided from outside."""
    folder = key_folder()
    if folder.all():
        return
    try:
        log.info("first_signing_key", kid=folder.add(time.time()).kid)
    except OSError as error:
        log.warning("no_first_signing_key", folder=str(folder.folder), error=repr(error))
